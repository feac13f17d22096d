package kubelet_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/scalemath/scalemath/metrics/kubelet"
)

// use is a usage as it is recorded.
type use struct {
	Pod        string         `json:"pod"`
	At         time.Time      `json:"at"`
	Window     string         `json:"window"`
	Containers []containerUse `json:"containers"`
}

type containerUse struct{ Name, CPU, Memory string }

type answer struct {
	Node *use  `json:"node"`
	Pods []use `json:"pods"`
}

func containerUseOf(name string, l corev1.ResourceList) containerUse {
	return containerUse{name, l.Cpu().String(), l.Memory().String()}
}

// TestUpstream replays readings that the storage of metrics-server 0.8.0 was given, and what it answered: containers that
// come, go and start again, counters that go back, readings that are told again or come too late.
func TestUpstream(t *testing.T) {
	f, err := os.Open("testdata/upstream.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	scrapes := 0
	for lines.Scan() {
		var story struct {
			Resolution time.Duration
			Steps      []struct {
				Scrape kubelet.Scrape
				Want   answer
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &story); err != nil {
			t.Fatal(err)
		}
		var st kubelet.State
		for i, step := range story.Steps {
			st = kubelet.Next(kubelet.Config{Resolution: story.Resolution, Youngest: 10 * time.Second}, st, step.Scrape)
			for p := range step.Want.Pods {
				slices.SortFunc(step.Want.Pods[p].Containers, func(a, b containerUse) int { return cmp.Compare(a.Name, b.Name) })
			}
			if diff := gocmp.Diff(step.Want, answerOf(kubelet.Measure(st))); diff != "" {
				t.Errorf("scrape %d: upstream - ours +\n%s", i, diff)
			}
			scrapes++
		}
	}
	if lines.Err() != nil || scrapes < 100 {
		t.Fatalf("%d scrapes, %v", scrapes, lines.Err())
	}
	t.Logf("%d scrapes", scrapes)
}

func answerOf(u kubelet.Usage) answer {
	var a answer
	for _, n := range u.Nodes {
		a.Node = &use{At: n.Timestamp.UTC(), Window: n.Window.Duration.String(), Containers: []containerUse{containerUseOf("", n.Usage)}}
	}
	for _, p := range u.Pods {
		one := use{Pod: p.Name, At: p.Timestamp.UTC(), Window: p.Window.Duration.String()}
		for _, c := range p.Containers {
			one.Containers = append(one.Containers, containerUseOf(c.Name, c.Usage))
		}
		a.Pods = append(a.Pods, one)
	}
	return a
}
