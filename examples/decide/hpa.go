package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/hpa"
	"github.com/scalemath/scalemath/internal/manifest"
)

var hpaExplain = verb{
	system: "hpa", name: "explain",
	synopsis: "-f FILE... [-now TIME] [-history FILE]   tell what the HorizontalPodAutoscalers of some manifests decide",
	run:      explainHPA,
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string     { return strings.Join(*f, ",") }
func (f *files) Set(v string) error { *f = append(*f, v); return nil }

func explainHPA(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var from files
	flags := flag.NewFlagSet("decide hpa explain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&from, "f", "a manifest as kubectl prints it, - for standard input; may be repeated: a HorizontalPodAutoscaler, its Scale or workload, Pods, and metric values")
	at := flags.String("now", "", "the instant of the decision, RFC 3339; the newest reading's if absent")
	historyFile := flags.String("history", "", "a file with the history of earlier decisions, as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	objects, err := manifest.ReadFiles(stdin, append(from, flags.Args()...)...)
	if err != nil {
		return err
	}
	cluster, err := readSnapshot(objects)
	if err != nil {
		return err
	}
	if len(cluster.hpas) == 0 {
		return errors.New("no HorizontalPodAutoscaler among the manifests")
	}
	now, err := cluster.now(*at)
	if err != nil {
		return err
	}
	var history hpa.History
	if *historyFile != "" {
		text, err := os.ReadFile(*historyFile)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &history); err != nil {
			return fmt.Errorf("%s: %w", *historyFile, err)
		}
	}
	for _, object := range cluster.hpas {
		if err := explainOne(cluster, object, now, history, stdout); err != nil {
			return fmt.Errorf("%s/%s: %w", object.Namespace, object.Name, err)
		}
	}
	return nil
}

func explainOne(cluster *snapshot, object *autoscalingv2.HorizontalPodAutoscaler, now time.Time, history hpa.History, out io.Writer) error {
	cfg := hpa.Defaults()
	in := hpa.Input{Now: now, HPA: object}
	in.Scale, in.ScaleErr = cluster.scale(object.Namespace, object.Spec.ScaleTargetRef)
	if in.ScaleErr == nil {
		selector, err := labels.Parse(in.Scale.Status.Selector)
		if err != nil {
			return fmt.Errorf("scale.status.selector: %w", err)
		}
		in.Pods = cluster.podsOf(object.Namespace, selector)
		sources := cluster.metrics.Sources()
		for _, spec := range hpa.MetricsOf(object) {
			in.Metrics = append(in.Metrics, sources.Observe(context.Background(), object.Namespace, selector, spec))
		}
	}
	decision, _, err := hpa.Decide(cfg, in, history)
	if err != nil {
		return err
	}
	if err := decision.Explain(out); err != nil {
		return err
	}
	outlook, err := hpa.LookAhead(cfg, in, history)
	if err != nil {
		return err
	}
	if err := outlook.Explain(out); err != nil {
		return err
	}
	for _, finding := range hpa.Preflight(cfg, in) {
		if _, err := fmt.Fprintln(out, "  note,", finding); err != nil {
			return err
		}
	}
	return nil
}

// scale finds the scale of a target: a Scale of that name, else the workload's own numbers.
func (s *snapshot) scale(namespace string, ref autoscalingv2.CrossVersionObjectReference) (*autoscalingv1.Scale, error) {
	if scale, ok := s.scales[target{namespace, "Scale", ref.Name}]; ok {
		return scale, nil
	}
	if scale, ok := s.scales[target{namespace, ref.Kind, ref.Name}]; ok {
		return scale, nil
	}
	return nil, fmt.Errorf("neither a Scale nor the %s %s/%s is among the manifests", ref.Kind, namespace, ref.Name)
}
