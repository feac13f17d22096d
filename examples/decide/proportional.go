package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/proportional"
)

func proportionalVerbs() []verb {
	return []verb{
		{"proportional", "explain", "-f FILE [-f FILE...] [-nodes N -cores N] [-nodelabels SELECTOR] [-fixed] [-table N] [-o json]", proportionalExplain},
		{"proportional", "vertical", "-config FILE -f NODES | -nodes N -cores N [-fixed] [-o json]", proportionalVertical},
	}
}

// cluster are the flags from which a cluster's size comes.
type cluster struct {
	files        files
	nodes, cores int
	fixed        bool
	output       string
}

func (c *cluster) flags(name string, stderr io.Writer) *flag.FlagSet {
	set := flag.NewFlagSet("decide proportional "+name, flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Var(&c.files, "f", "manifests, - for standard input; may be repeated")
	set.IntVar(&c.nodes, "nodes", -1, "number of nodes, all schedulable, instead of Nodes in a manifest")
	set.IntVar(&c.cores, "cores", 0, "number of cores that go with -nodes")
	set.BoolVar(&c.fixed, "fixed", false, "leave upstream's known defects out")
	set.StringVar(&c.output, "o", "text", "text or json")
	return set
}

func proportionalExplain(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var c cluster
	set := c.flags("explain", stderr)
	nodeLabels := set.String("nodelabels", "", "label selector of the nodes that count")
	table := set.Int("table", 0, "also list the replicas up to so many nodes like the ones there are")
	if err := set.Parse(args); err != nil {
		return err
	}
	selector, err := labels.Parse(*nodeLabels)
	if err != nil {
		return fmt.Errorf("-nodelabels: %w", err)
	}
	configMap, filter, nodes, err := readProportional(stdin, c.files)
	if err != nil {
		return err
	}
	if *nodeLabels == "" && filter != nil {
		selector = filter
	}
	cfg := proportional.Defaults()
	if c.fixed {
		cfg.Profile = proportional.Fixed()
	}
	in := proportional.Input{Size: proportional.SizeOfSelected(nodes, selector), ConfigMap: configMap}
	if c.nodes >= 0 {
		n, cores := int32(c.nodes), int32(c.cores)
		if int(n) != c.nodes || int(cores) != c.cores || cores < 0 {
			return fmt.Errorf("-nodes %d -cores %d: do not fit 32 bits", c.nodes, c.cores)
		}
		in.Size = proportional.ClusterSize{Nodes: n, SchedulableNodes: n, Cores: cores, SchedulableCores: cores}
	} else if len(nodes) == 0 {
		return errors.New("no Node in the manifests; give -nodes and -cores instead")
	}
	d, st, err := proportional.Decide(cfg, in, proportional.State{})
	if err != nil {
		return err
	}
	if c.output == "json" {
		return printJSON(stdout, d)
	}
	fmt.Fprintln(stdout, in.Size)
	if err := d.Explain(stdout); err != nil {
		return err
	}
	if policy := st.Policy(cfg.Profile); policy != nil && *table > 0 {
		return printTable(stdout, policy, in.Size, *table)
	}
	return nil
}

// printTable lists the replicas for clusters of nodes as large as the average of those there are.
func printTable(w io.Writer, policy *proportional.Policy, size proportional.ClusterSize, upTo int) error {
	milli := int64(0)
	if size.Nodes > 0 {
		milli = int64(size.Cores) * 1000 / int64(size.Nodes)
	}
	rows, err := proportional.Table(policy, milli, int32(min(upTo, 1_000_000)))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "\nnodes from\tcores\treplicas\treason (nodes of %g cores)\n", float64(milli)/1000)
	for _, row := range rows {
		_, reason, _ := strings.Cut(row.String(), "): ")
		fmt.Fprintf(tw, "%d\t%d\t%d\t%s\n", row.Size.Nodes, row.Size.Cores, row.Replicas, reason)
	}
	return errors.Join(tw.Flush(), err)
}

func proportionalVertical(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	var c cluster
	set := c.flags("vertical", stderr)
	config := set.String("config", "", "containers and their scales, JSON or YAML")
	if err := set.Parse(args); err != nil {
		return err
	}
	text, err := readFile(stdin, *config)
	if err != nil {
		return fmt.Errorf("-config: %w", err)
	}
	if text, err = yaml.YAMLToJSON(text); err != nil {
		return fmt.Errorf("-config: %w", err)
	}
	var cfg proportional.VerticalConfig
	if c.fixed {
		cfg.Profile = proportional.FixedVertical()
	}
	if cfg.Default, err = proportional.ParseContainers(text); err != nil {
		return err
	}
	in := proportional.VerticalInput{Size: proportional.VerticalSize{Nodes: int64(c.nodes), Cores: int64(c.cores)}}
	if c.nodes < 0 {
		_, _, nodes, err := readProportional(stdin, c.files)
		if err != nil {
			return err
		}
		if in.Size, err = proportional.VerticalSizeOf(nodes, cfg.Profile); err != nil {
			return err
		}
	}
	d, _, err := proportional.DecideVertical(cfg, in, proportional.VerticalState{})
	if err != nil {
		return err
	}
	if c.output == "json" {
		return printJSON(stdout, d)
	}
	return d.Explain(stdout)
}

// readProportional reads a ConfigMap, or a values file of the Helm chart, and nodes.
func readProportional(stdin io.Reader, names []string) (configMap *corev1.ConfigMap, filter labels.Selector, nodes []*corev1.Node, err error) {
	take := func(source string, found *corev1.ConfigMap) error {
		if configMap != nil {
			return fmt.Errorf("%s: there is a config already", source)
		}
		configMap = found
		return nil
	}
	for _, name := range names {
		text, err := readFile(stdin, name)
		if err != nil {
			return nil, nil, nil, err
		}
		if isValues(text) {
			values, err := proportional.ParseValues(text)
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			data, err := values.Data()
			if err != nil {
				return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			if filter, err = values.Options.Selector(); err != nil {
				return nil, nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			if err := take(name, &corev1.ConfigMap{Data: data}); err != nil {
				return nil, nil, nil, err
			}
			continue
		}
		objects, err := manifest.Read(bytes.NewReader(text), name)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, o := range objects {
			switch o.Kind {
			case "ConfigMap":
				var found corev1.ConfigMap
				if err := errors.Join(o.Into(&found), take(o.Source, &found)); err != nil {
					return nil, nil, nil, err
				}
			case "Node":
				var node corev1.Node
				if err := o.Into(&node); err != nil {
					return nil, nil, nil, err
				}
				nodes = append(nodes, &node)
			}
		}
	}
	return configMap, filter, nodes, nil
}

// isValues tells a values file from a manifest: it has a config and no kind.
func isValues(text []byte) bool {
	var head struct {
		Kind   string          `json:"kind"`
		Config json.RawMessage `json:"config"`
	}
	return yaml.Unmarshal(text, &head) == nil && head.Kind == "" && head.Config != nil
}

func readFile(stdin io.Reader, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
