// Command karpenter says what Karpenter would do with pods, without a cluster: which nodes it would create for which pods,
// at what price, and why a pod that is left over has no place.
//
//	karpenter [-catalogue FILE] [-o json] FILE...
//
// The files are manifests as kubectl prints them: NodePools (or the Provisioners of before), NodeOverlays, Pods, what makes
// Pods (Deployments, StatefulSets, ReplicaSets, Jobs, by their replicas), DaemonSets, Nodes, PodDisruptionBudgets, Namespaces
// and volumes; "-" is standard input. Instance types come from a catalogue, a YAML or JSON list; the one built in is small and
// for trying things out. With -facts they are resolved from a table of EC2 types instead, for each NodePool under its
// EC2NodeClass where the files have it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/scalemath/scalemath/karpenter"
)

// Exit statuses: the question made no sense, and the command line made none.
const (
	exitBad   = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// action is a question that may be asked of a cluster.
type action struct {
	flag, usage string // the flag that chooses it; empty: the one that is asked without any
	run         func(q *question, w io.Writer) error
}

// actions are all questions, the default first.
func actions() []action {
	return []action{{run: provision}}
}

// question is a cluster and how to answer.
type question struct {
	snapshot karpenter.Snapshot
	options  karpenter.Options
	json     bool
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string     { return strings.Join(*f, ",") }
func (f *files) Set(v string) error { *f = append(*f, v); return nil }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var q question
	var src sources
	set := flag.NewFlagSet("karpenter", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Usage = func() {
		fmt.Fprintln(stderr, "usage: karpenter [flags] FILE...")
		set.PrintDefaults()
	}
	output := set.String("o", "text", "text or json")
	now := set.String("now", "", "the time of the decision, such as 2026-01-31T12:00:00Z; default: the clock's")
	set.BoolVar(&q.options.IgnorePreferences, "ignore-preferences", false, "preferred rules of pods do not count")
	set.BoolVar(&q.options.MinValuesBestEffort, "min-values-best-effort", false, "minValues of NodePools gives way rather than fail")
	src.flags(set)
	chosen := map[string]*bool{}
	for _, a := range actions() {
		if a.flag != "" {
			chosen[a.flag] = set.Bool(a.flag, false, a.usage)
		}
	}
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitUsage
	}
	if set.NArg() == 0 || *output != "text" && *output != "json" {
		set.Usage()
		return exitUsage
	}
	q.json = *output == "json"
	q.snapshot.Now = time.Now()
	if *now != "" {
		var err error
		if q.snapshot.Now, err = time.Parse(time.RFC3339, *now); err != nil {
			fmt.Fprintln(stderr, "karpenter: -now:", err)
			return exitUsage
		}
	}
	if err := answer(&q, &src, chosen, set.Args(), stdin, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "karpenter:", err)
		return exitBad
	}
	return 0
}

func answer(q *question, src *sources, chosen map[string]*bool, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	notes, err := src.read(&q.snapshot, args, stdin)
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(stderr, "note:", n)
	}
	asked := actions()[0]
	for _, a := range actions() {
		if on := chosen[a.flag]; on != nil && *on {
			asked = a
		}
	}
	return asked.run(q, stdout)
}
