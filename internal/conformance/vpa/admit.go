package vpa

import (
	"regexp"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/vpa"
)

type admitQuestion struct {
	head
	VPA                 vpa.VerticalPodAutoscaler `json:"vpa"`
	Pod                 corev1.Pod                `json:"pod"`
	LimitRanges         []corev1.LimitRange       `json:"limitRanges"`
	CPUStartupBoostGate bool                      `json:"cpuStartupBoostGate"`
	MaxAllowedCPUBoost  *resource.Quantity        `json:"maxAllowedCPUBoost"`
}

type admitAnswer struct {
	Type        string                   `json:"type"`
	Seed        int64                    `json:"seed"`
	Resources   []vpa.ContainerResources `json:"resources"`
	Annotations map[string][]string      `json:"annotations,omitempty"`
	Patches     []string                 `json:"patches"`
	Error       string                   `json:"error,omitempty"`
}

func answerAdmit(line []byte) (conformance.Answer, error) {
	var q admitQuestion
	if err := decode(line, "admit", &q.head, &q); err != nil {
		return conformance.Answer{}, err
	}
	d, err := vpa.Admit(
		vpa.AdmitConfig{Gates: vpa.Gates{CPUStartupBoost: q.CPUStartupBoostGate}, MaxAllowedCPUBoost: q.MaxAllowedCPUBoost},
		vpa.AdmitInput{Object: &q.VPA, Pod: &q.Pod, LimitRanges: q.LimitRanges},
	)
	if err != nil {
		return conformance.Answer{}, err
	}
	a := admitAnswer{Type: q.Type, Seed: q.Seed, Annotations: map[string][]string{}, Error: d.Error}
	for i := range d.Containers {
		c := &d.Containers[i]
		a.Resources = append(a.Resources, c.Resources)
		if len(c.Notes) > 0 {
			notes := append([]string(nil), c.Notes...)
			sort.Strings(notes)
			a.Annotations[c.Name] = notes
		}
	}
	for _, op := range d.Patch {
		a.Patches = append(a.Patches, sortUpdates(op).String())
	}
	sort.Strings(a.Patches)
	return conformance.Answer{Line: a, Explain: d.Explain}, nil
}

// sortUpdates sorts what was done to each container, which upstream lists in the order of a map.
func sortUpdates(op vpa.PatchOp) vpa.PatchOp {
	value, ok := op.Value.(string)
	head, list, found := strings.Cut(value, ": ")
	if !ok || !found || op.Path != "/metadata/annotations/vpaUpdates" {
		return op
	}
	parts := nextContainer.FindAllStringIndex(list, -1)
	var out strings.Builder
	for i, at := range parts {
		end := len(list)
		if i+1 < len(parts) {
			end = parts[i+1][0]
		}
		items := strings.Split(list[at[1]:end], ", ")
		sort.Strings(items)
		out.WriteString(list[at[0]:at[1]] + strings.Join(items, ", "))
	}
	op.Value = head + ": " + out.String()
	return op
}

// nextContainer is where the list of what was done goes on to another container. A note may hold a semicolon itself.
var nextContainer = regexp.MustCompile(`(^|; )container \d+: `)
