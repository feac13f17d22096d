package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"text/tabwriter"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/internal/manifest"
	"github.com/scalemath/scalemath/vpa"
)

// vpaWhatIf answers what the Vertical Pod Autoscaler would recommend after a recorded history, without a cluster.
func vpaWhatIf() verb {
	return verb{
		system: "vpa", name: "whatif",
		synopsis: "-f samples.csv [-f range.json] [-vpa object.yaml] [flags]: the recommendation after a recording",
		run:      runVPAWhatIf,
	}
}

// vpaFiles collects a flag that may be given several times.
type vpaFiles []string

func (p *vpaFiles) String() string { return strings.Join(*p, ",") }

func (p *vpaFiles) Set(path string) error {
	*p = append(*p, path)
	return nil
}

func runVPAWhatIf(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	cfg := vpa.Defaults()
	var files vpaFiles
	flags := flag.NewFlagSet("decide vpa whatif", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&files, "f", "recording: CSV (time, pod, container, cpu, memory) or the answer of a Prometheus range query; - is standard input; may be repeated")
	of := flags.String("resource", "", "what the values of a Prometheus answer are, cpu or memory, where the metric's name does not tell")
	object := flags.String("vpa", "", "manifest of the VerticalPodAutoscaler, for its policy and annotations")
	estimator := flags.String("estimator", string(vpa.Shared), "shared (as upstream) or peak")
	flags.Float64Var(&cfg.SafetyMarginFraction, "margin", cfg.SafetyMarginFraction, "safety margin, as a share")
	flags.Float64Var(&cfg.Percentiles.TargetCPU, "target-cpu-percentile", cfg.Percentiles.TargetCPU, "percentile of the CPU target")
	flags.Float64Var(&cfg.Percentiles.TargetMemory, "target-memory-percentile", cfg.Percentiles.TargetMemory, "percentile of the memory target")
	flags.DurationVar(&cfg.CPUHistogramHalfLife, "cpu-half-life", cfg.CPUHistogramHalfLife, "age at which a CPU sample counts half")
	flags.DurationVar(&cfg.MemoryHistogramHalfLife, "memory-half-life", cfg.MemoryHistogramHalfLife, "age at which a memory peak counts half")
	flags.DurationVar(&cfg.MemoryAggregationInterval, "memory-interval", cfg.MemoryAggregationInterval, "window of which only the peak of memory counts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if len(files) == 0 || flags.NArg() > 0 {
		flags.Usage()
		return errors.New("vpa whatif needs a recording: -f samples.csv")
	}
	cfg.Estimator = vpa.EstimatorKind(*estimator)
	settings, err := cfg.Compile()
	if err != nil {
		return err
	}
	v, err := readVPA(stdin, *object)
	if err != nil {
		return err
	}
	history, err := readVPAHistory(stdin, files, corev1.ResourceName(*of))
	if err != nil {
		return err
	}
	r, err := vpa.NewRecommender(settings, v)
	if err != nil {
		return err
	}
	r.Replay(history)
	var d vpa.Recommendation
	r.Recommend(&d)
	if err := printVPAWhatIf(stdout, &d, history); err != nil {
		return err
	}
	fmt.Fprintln(stdout)
	return d.Explain(stdout)
}

func readVPA(stdin io.Reader, file string) (*vpa.VerticalPodAutoscaler, error) {
	v := &vpa.VerticalPodAutoscaler{}
	if file == "" {
		return v, nil
	}
	objects, err := manifest.ReadFiles(stdin, file)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		if o.Kind == "VerticalPodAutoscaler" {
			return v, o.Into(v)
		}
	}
	return nil, fmt.Errorf("%s: no VerticalPodAutoscaler in it", file)
}

func readVPAHistory(stdin io.Reader, files []string, of corev1.ResourceName) ([]vpa.Series, error) {
	if of != "" && of != corev1.ResourceCPU && of != corev1.ResourceMemory {
		return nil, fmt.Errorf("-resource: %q is neither cpu nor memory", of)
	}
	var all []vpa.Series
	for _, file := range files {
		series, err := readVPARecording(stdin, file, of)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, series...)
	}
	return all, nil
}

func readVPARecording(stdin io.Reader, file string, of corev1.ResourceName) ([]vpa.Series, error) {
	if file == "-" {
		return vpa.ReadHistory(stdin, of)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return vpa.ReadHistory(f, of)
}

// printVPAWhatIf shows each recommendation beside what the recording used.
func printVPAWhatIf(w io.Writer, d *vpa.Recommendation, history []vpa.Series) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "CONTAINER\tRESOURCE\tLOWER\tTARGET\tUPPER\tSAMPLES\tMEDIAN\tPEAK\tABOVE TARGET")
	for i := range d.Containers {
		c := &d.Containers[i]
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			target, ok := c.Target.List()[name]
			if !ok {
				continue
			}
			lower, upper := c.LowerBound.List()[name], c.UpperBound.List()[name]
			values := vpaUsages(history, c.Name, name)
			median, peak, above := "-", "-", "-"
			if len(values) > 0 {
				limit := target.AsApproximateFloat64()
				over := len(values) - sort.Search(len(values), func(i int) bool { return values[i] > limit })
				median, peak = vpaUsage(name, values[len(values)/2]), vpaUsage(name, values[len(values)-1])
				above = fmt.Sprintf("%.1f %%", 100*float64(over)/float64(len(values)))
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", c.Name, name, &lower, &target, &upper, len(values), median, peak, above)
		}
	}
	return out.Flush()
}

// vpaUsages are the recorded values of a container, sorted.
func vpaUsages(history []vpa.Series, container string, of corev1.ResourceName) []float64 {
	var values []float64
	for _, s := range history {
		if s.Container == container && s.Resource == of {
			for _, p := range s.Points {
				values = append(values, p.Value)
			}
		}
	}
	sort.Float64s(values)
	return values
}

func vpaUsage(of corev1.ResourceName, v float64) string {
	if of == corev1.ResourceMemory {
		return fmt.Sprintf("%.0fMi", v/(1<<20))
	}
	return fmt.Sprintf("%.0fm", v*1000)
}
