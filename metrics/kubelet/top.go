package kubelet

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/metrics"
)

const unknown = "<unknown>"

// TopNodes writes a table like that of kubectl top nodes: cpu in millicores and memory in Mi, and their share of what
// pods can have of each node. A node of allocatable without usage is unknown. Lines are sorted by name.
func TopNodes(w io.Writer, nodes []NodeUsage, allocatable map[string]corev1.ResourceList) error {
	usage := map[string]corev1.ResourceList{}
	for name := range allocatable {
		usage[name] = nil
	}
	for i := range nodes {
		usage[nodes[i].Name] = nodes[i].Usage
	}
	t := table(w)
	fmt.Fprintln(t, "NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)")
	for _, name := range slices.Sorted(maps.Keys(usage)) {
		of, have := usage[name], allocatable[name]
		if of == nil {
			fmt.Fprintln(t, name+"\t"+unknown+"\t"+unknown+"\t"+unknown+"\t"+unknown)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", name,
			cores(of.Cpu()), share(of, have, corev1.ResourceCPU), mebibytes(of.Memory()), share(of, have, corev1.ResourceMemory))
	}
	return t.Flush()
}

// TopPodsOptions say what a table of pods shows.
type TopPodsOptions struct {
	AllNamespaces bool // show namespaces
	Containers    bool // a line for each container instead of each pod
}

// TopPods writes a table like that of kubectl top pods. Lines are sorted by namespace, pod and container.
func TopPods(w io.Writer, pods []metrics.PodMetrics, opts TopPodsOptions) error {
	sorted := slices.Clone(pods)
	slices.SortStableFunc(sorted, func(a, b metrics.PodMetrics) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	t := table(w)
	line := func(namespace, pod, container, cpu, memory string) {
		if opts.AllNamespaces {
			fmt.Fprint(t, namespace, "\t")
		}
		fmt.Fprint(t, pod, "\t")
		if opts.Containers {
			fmt.Fprint(t, container, "\t")
		}
		fmt.Fprint(t, cpu, "\t", memory, "\n")
	}
	first := "NAME"
	if opts.Containers {
		first = "POD"
	}
	line("NAMESPACE", first, "NAME", "CPU(cores)", "MEMORY(bytes)")
	for i := range sorted {
		p := &sorted[i]
		var cpu, memory resource.Quantity
		for _, c := range slices.SortedFunc(slices.Values(p.Containers), func(a, b metrics.ContainerMetrics) int { return cmp.Compare(a.Name, b.Name) }) {
			cpu.Add(*c.Usage.Cpu())
			memory.Add(*c.Usage.Memory())
			if opts.Containers {
				line(p.Namespace, p.Name, c.Name, cores(c.Usage.Cpu()), mebibytes(c.Usage.Memory()))
			}
		}
		if !opts.Containers {
			line(p.Namespace, p.Name, "", cores(&cpu), mebibytes(&memory))
		}
	}
	return t.Flush()
}

func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 6, 4, 3, ' ', 0) }

func cores(q *resource.Quantity) string { return fmt.Sprintf("%dm", q.MilliValue()) }

func mebibytes(q *resource.Quantity) string { return fmt.Sprintf("%dMi", q.Value()>>20) }

// share is a part in whole percent, cut off.
func share(of, have corev1.ResourceList, name corev1.ResourceName) string {
	part, all := of[name], have[name]
	if all.Sign() <= 0 {
		return unknown
	}
	return fmt.Sprintf("%d%%", int64(float64(part.MilliValue())/float64(all.MilliValue())*100))
}
