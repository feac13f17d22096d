package hpa_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/metrics"
)

// TestStories replays the scripts under testdata/stories; go test -run TestStories -rewrite writes their answers anew.
//
//	hpa                    the object of the story, as YAML; it starts with one replica
//	fixed                  decide with the Fixed profile from here on
//	restart                forget the history, as a controller that restarts does
//	at T KEY=VALUE...      one reconcile T after the start; it writes what it decides
//
// Keys of at: cpu=N (percent of the requests, in every pod), queue=N (an external metric), replicas=N (somebody scaled by
// hand), queue=down (the metrics API fails), write=fails, every=D until=T (the same again, showing only changes), in=words
// (the decision explained, and what would change it).
func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		s := &story{t: t, cfg: hpa.Defaults()}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "hpa":
				s.object, s.history, s.replicas = object(d.Input), hpa.History{}, 1
				return ""
			case "fixed":
				s.cfg.Profile = hpa.Fixed()
				return ""
			case "restart":
				s.history = hpa.History{}
				return ""
			case "at":
				return s.reconcile(d)
			}
			d.Fatalf(t, "unknown command %s", d.Cmd)
			return ""
		})
	})
}

type story struct {
	t        *testing.T
	cfg      hpa.Config
	object   *autoscalingv2.HorizontalPodAutoscaler
	history  hpa.History
	replicas int32
}

func (s *story) reconcile(d *datadriven.TestData) string {
	at := s.duration(d.CmdArgs[0].Key)
	until, every, quiet, words := at, time.Second, false, false
	var readings []datadriven.CmdArg
	var writeErr error
	for _, arg := range d.CmdArgs[1:] {
		switch value := arg.Vals[0]; arg.Key {
		case "replicas":
			s.replicas = int32(s.number(value))
		case "write":
			writeErr = errors.New("conflict")
		case "in":
			words = true
		case "every":
			every, quiet = s.duration(value), true
		case "until":
			until = s.duration(value)
		default:
			readings = append(readings, arg)
		}
	}
	var out strings.Builder
	for ; at <= until; at += every {
		in := hpa.Input{
			Now: noon.Add(at), HPA: s.object, Scale: scale(s.replicas, s.replicas), Pods: pods(int(s.replicas), "100m"), UpdateErr: writeErr,
		}
		for _, r := range readings {
			in.Metrics = append(in.Metrics, s.observe(in.Now, r.Key, r.Vals[0]))
		}
		decision, next := decide(s.t, s.cfg, in, s.history)
		if words {
			fmt.Fprintf(&out, "%v: ", at)
			s.explain(&out, &decision, in)
		}
		s.history = next
		s.object = s.object.DeepCopy()
		s.object.Status = decision.Status()
		if !words && (!quiet || decision.Rescale) {
			fmt.Fprintf(&out, "%v: %v\n", at, &decision)
		}
		if decision.Rescale && writeErr == nil {
			s.replicas = decision.Replicas
		}
	}
	if out.Len() == 0 {
		return fmt.Sprintf("%d replicas all the time\n", s.replicas)
	}
	return out.String()
}

func (s *story) explain(out *strings.Builder, d *hpa.Decision, in hpa.Input) {
	outlook, err := hpa.LookAhead(s.cfg, in, s.history)
	if err := errors.Join(err, d.Explain(out), outlook.Explain(out)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) observe(now time.Time, metric, value string) metrics.Observation {
	switch {
	case value == "down":
		return metrics.Observation{Err: errors.New("source is down")}
	case metric == "cpu":
		usage := make([]int64, s.replicas)
		for i := range usage {
			usage[i] = s.number(value) // of 100m
		}
		return uses(now, usage...)
	}
	return total(s.number(value) * 1000)
}

func (s *story) number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *story) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}
