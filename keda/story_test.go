package keda_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda"
	"github.com/scalemath/scalemath/keda/formula"
)

var rewrite = flag.Bool("rewrite", false, "write what came out into testdata/stories")

// TestStories plays stories of many ticks. A story is a text of blocks: a command, its lines, "----", and what comes out.
//
//	object             the ScaledObject, in YAML
//	config             settings, as name=value
//	tick TIME          a tick: INDEX=NUMBER or INDEX=error for each trigger, replicas=N where somebody else changed them
//
// A trigger is active while its number is above 0, its target is 10. Replicas are carried on from tick to tick.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := story{t: t, cfg: keda.Defaults()}
			got := s.play(string(text))
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(text) {
				t.Errorf("the story went on differently:\n%s", got)
			}
		})
	}
}

type story struct {
	t        *testing.T
	cfg      keda.Config
	so       *keda.ScaledObject
	formula  keda.Formula
	st       keda.State
	replicas int32
}

// play returns the story with what comes out now.
func (s *story) play(text string) string {
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			out.WriteString("\n\n")
		}
		told, _, _ := strings.Cut(block, "\n----")
		var command []string
		for _, line := range strings.Split(told, "\n") {
			if !strings.HasPrefix(line, "#") {
				command = append(command, line)
			}
		}
		out.WriteString(told)
		if len(command) > 0 {
			out.WriteString("\n----\n" + strings.TrimSpace(s.run(strings.Fields(command[0]), strings.Join(command[1:], "\n"))))
		}
	}
	return out.String() + "\n"
}

func (s *story) run(words []string, body string) string {
	s.t.Helper()
	switch words[0] {
	case "object":
		s.so = decoded(body)
		s.so.Status.ScaleTargetKind = "apps/v1.Deployment"
		var err error
		if s.formula, err = keda.CompileFormula(s.cfg, s.so, formula.Compile); err != nil {
			return err.Error()
		}
		return "ok"
	case "config":
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			switch name {
			case "combine":
				s.cfg.Combine = keda.Combine(value)
			case "cooldownFrom":
				s.cfg.CooldownFrom = ptr(s.number(value))
			case "fixed":
				s.cfg.Profile = keda.Fixed()
			}
		}
		return "ok"
	case "tick":
		return s.tick(words[1], words[2:])
	}
	s.t.Fatalf("no command %q", words[0])
	return ""
}

func (s *story) number(text string) int32 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		s.t.Fatal(err)
	}
	return int32(n)
}

func (s *story) tick(clock string, words []string) string {
	at, err := time.Parse(time.TimeOnly, clock)
	if err != nil {
		s.t.Fatal(err)
	}
	in := keda.TickInput{Now: noon.Truncate(24 * time.Hour).Add(at.Sub(at.Truncate(24 * time.Hour))), Object: s.so, Formula: s.formula}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		if name == "replicas" {
			s.replicas = s.number(value)
			continue
		}
		i := int(s.number(name))
		r := keda.Reading{Trigger: i, Metric: fmt.Sprintf("s%d", i), Target: keda.MetricTarget(autoscalingv2.AverageValueMetricType, resource.MustParse("10"))}
		if value == "error" {
			r.Err = errors.New("boom")
		} else {
			n := s.number(value)
			r.Active, r.Values = n > 0, []keda.MetricValue{{Name: r.Metric, Value: *resource.NewQuantity(int64(n), resource.DecimalSI)}}
		}
		in.Readings = append(in.Readings, r)
	}
	in.Workload = keda.Workload{Replicas: s.replicas, ReadyPods: s.replicas}
	d, next, err := keda.Tick(s.cfg, in, s.st)
	if err != nil {
		return err.Error()
	}
	s.st = next
	if d.Scale != nil {
		s.replicas = d.Scale.To
	}
	out := d.String() + "\n"
	for _, e := range d.Events() {
		out += e.String() + "\n"
	}
	return out
}
