// Command clusterautoscaler says what the Cluster Autoscaler would do with a cluster: which node groups grow for which
// pods, which nodes go, and why not the others. It reads manifests, asks no cluster and changes nothing.
//
//	kubectl get nodes,pods,pdb,daemonsets,replicasets -A -o yaml | clusterautoscaler -f - -f groups.yaml
//
// Node groups are written as documents of kind NodeGroup; see testdata/cluster.yaml.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/scalemath/scalemath/clusterautoscaler"
	"github.com/scalemath/scalemath/internal/manifest"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "clusterautoscaler:", err)
		}
		os.Exit(1)
	}
}

// flags are those of the command.
type flags struct {
	files                         files
	now, state, expander, output  string
	remove                        string
	seed                          uint64
	balance, unschedulable, fixed bool
	maxNodesTotal                 int
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string     { return strings.Join(*f, ",") }
func (f *files) Set(v string) error { *f = append(*f, v); return nil }

func (f *flags) parse(args []string, stderr io.Writer) error {
	set := flag.NewFlagSet("clusterautoscaler", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Var(&f.files, "f", "manifests, - for standard input; may be repeated")
	set.StringVar(&f.now, "now", "", "the time of the loop in RFC 3339; default: the clock")
	set.StringVar(&f.state, "state", "", "file with the state of the last loop; it is written anew")
	set.StringVar(&f.expander, "expander", "least-waste", "least-waste, most-pods, least-nodes, random, or several with commas between")
	set.Uint64Var(&f.seed, "seed", 0, "what decides between equals; 0: the smallest ID")
	set.BoolVar(&f.balance, "balance-similar-node-groups", false, "spread growth over similar groups")
	set.IntVar(&f.maxNodesTotal, "max-nodes-total", 0, "nodes of the whole cluster at most; 0: no limit")
	set.BoolVar(&f.unschedulable, "assume-unschedulable", false, "take every pod without a node as one that the scheduler found no place for")
	set.BoolVar(&f.fixed, "fixed", false, "leave upstream's known defects out")
	set.StringVar(&f.remove, "remove", "", "name of a node: only tell whether the cluster could do without it, and where its pods would go")
	set.StringVar(&f.output, "o", "text", "text or json")
	if err := set.Parse(args); err != nil {
		return err
	}
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("%q is no flag; manifests are given with -f", set.Arg(0))
	case len(f.files) == 0:
		return errors.New("no manifests: give -f FILE, or -f - for standard input")
	case f.output != "text" && f.output != "json":
		return fmt.Errorf("-o %q: text or json", f.output)
	}
	return nil
}

func (f *flags) options() (clusterautoscaler.Options, error) {
	o := clusterautoscaler.DefaultOptions()
	o.BalanceSimilar, o.MaxNodesTotal, o.Seed = f.balance, f.maxNodesTotal, f.seed
	if f.fixed {
		o.Profile = clusterautoscaler.Fixed()
	}
	var err error
	o.Expander, err = clusterautoscaler.ByName(f.expander, f.seed)
	return o, err
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var f flags
	if err := f.parse(args, stderr); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	objects, err := manifest.ReadFiles(stdin, f.files...)
	if err != nil {
		return err
	}
	now := time.Now()
	if f.now != "" {
		if now, err = time.Parse(time.RFC3339, f.now); err != nil {
			return fmt.Errorf("-now: %w", err)
		}
	}
	in, err := read(objects, now, f.unschedulable)
	if err != nil {
		return err
	}
	if f.remove != "" {
		return remove(o, in, f.remove, f.output, stdout)
	}
	state, err := loadState(f.state)
	if err != nil {
		return err
	}
	loop, state, err := clusterautoscaler.Plan(o, in, state)
	if err != nil {
		return err
	}
	if err := saveState(f.state, state); err != nil {
		return err
	}
	if f.output == "json" {
		return writeJSON(stdout, loop)
	}
	return loop.Explain(stdout)
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
