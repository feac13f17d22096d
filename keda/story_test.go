package keda_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda"
)

// TestStories replays the scripts under testdata/stories; go test -run TestStories -rewrite writes their answers anew.
//
//	object             the ScaledObject of the story, as YAML; its workload starts without replicas
//	fixed              decide with the Fixed profile from here on
//	combine HOW        combine triggers so from here on
//	cooldown-from N    let the cooldown start at N replicas from here on
//	at TIME KEY=VALUE  one tick; it writes what it decides and which events it records
//
// Keys of at: sN=NUMBER or sN=error (what trigger N reads), replicas=N (somebody else scaled). A trigger is active while its
// number is above 0, its target is 10. Replicas are carried on from tick to tick.
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		s := &story{t: t, cfg: keda.Defaults()}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "object":
				*s = story{t: t, cfg: s.cfg, so: decoded(d.Input)}
				s.so.Status.ScaleTargetKind = "apps/v1.Deployment"
				return ""
			case "fixed":
				s.cfg.Profile = keda.Fixed
				return ""
			case "combine":
				s.cfg.Combine = keda.Combine(d.CmdArgs[0].Key)
				return ""
			case "cooldown-from":
				s.cfg.CooldownFrom = ptr(s.number(d.CmdArgs[0].Key))
				return ""
			case "at":
				return s.tick(d.CmdArgs[0].Key, d.CmdArgs[1:])
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

type story struct {
	t        *testing.T
	cfg      keda.Config
	so       *keda.ScaledObject
	st       keda.State
	replicas int32
}

func (s *story) number(text string) int32 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		s.t.Fatal(err)
	}
	return int32(n)
}

func (s *story) tick(clock string, args []datadriven.CmdArg) string {
	at, err := time.Parse(time.TimeOnly, clock)
	if err != nil {
		s.t.Fatal(err)
	}
	in := keda.TickInput{Now: noon.Truncate(24 * time.Hour).Add(at.Sub(at.Truncate(24 * time.Hour))), Object: s.so}
	for _, arg := range args {
		value := arg.Vals[0]
		if arg.Key == "replicas" {
			s.replicas = s.number(value)
			continue
		}
		i := int(s.number(strings.TrimPrefix(arg.Key, "s")))
		r := keda.Reading{Trigger: i, Metric: arg.Key, Target: averageOf("10")}
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
	s.st, s.replicas = next, d.Scale.To
	var out strings.Builder
	fmt.Fprintln(&out, d)
	for _, e := range d.Events() {
		fmt.Fprintln(&out, e)
	}
	return out.String()
}
