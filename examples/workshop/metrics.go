package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/scalemath/scalemath/metrics/kubelet"
)

var metricsChapter = Chapter{
	Name:  "metrics",
	Title: "what the autoscalers go by",
	Tell: func(t *Teller) error {
		t.Say("Every kubelet counts the CPU that its containers have used since they started, and says how much memory they " +
			"hold. metrics-server reads that every 15 seconds; usage is the difference of two readings over the time between them. " +
			"The readings here are samples of such a cluster.")
		nodes := machines(3)
		var told [2]readings
		for _, n := range nodes {
			var state kubelet.State
			for i, which := range []string{"first", "second"} {
				scrape, err := scrapeOf(n.Name, which)
				if err != nil {
					return err
				}
				state = kubelet.Next(kubelet.Config{Resolution: resolution, Youngest: kubelet.Defaults().Youngest}, state, scrape)
				told[i].add(scrape, kubelet.Measure(state))
			}
		}
		first, second := &told[0], &told[1]
		t.At(0).Saw("%s; %s", count(len(first.scrapes), "kubelet"), first.sample())
		t.Decided("usage of %s and %s yet: %s", count(len(first.Nodes), "node"), count(len(first.Pods), "pod"), first.Skipped[0].Why)
		t.At(resolution).Saw("%s; %s", count(len(second.scrapes), "kubelet"), second.sample())
		t.Decided("usage of %s and %s", count(len(second.Nodes), "node"), count(len(second.Pods), "pod"))
		return tellTop(t, nodes, second)
	},
}

func tellTop(t *Teller, nodes []*corev1.Node, r *readings) error {
	allocatable := map[string]corev1.ResourceList{}
	for _, n := range nodes {
		allocatable[n.Name] = n.Status.Allocatable
	}
	topNodes := func(w io.Writer) error { return kubelet.TopNodes(w, r.Nodes, allocatable) }
	topPods := func(w io.Writer) error { return kubelet.TopPods(w, r.Pods, kubelet.TopPodsOptions{}) }
	t.Untimed().Table("kubectl top node", topNodes)
	t.Table("kubectl top pod -n kube-system", topPods)
	t.Check("node-1", "57m 2% 722Mi 21%", row(topNodes, "node-1"))
	t.Check("node-2", "73m 3% 656Mi 19%", row(topNodes, "node-2"))
	t.Check("node-3", "49m 2% 580Mi 17%", row(topNodes, "node-3"))
	t.Check("metrics-server: cores and memory", "4m 19Mi", row(topPods, "metrics-server-6bf466fbf5-2vj9k"))
	t.Check("kube-ops-view", "12m 34Mi", row(topPods, "kube-ops-view-558d87b798-vw4wn"))
	return nil
}

const resolution = 15 * time.Second

// readings are what all kubelets told at one time, and what usage that makes.
type readings struct {
	scrapes []kubelet.Scrape
	kubelet.Usage
}

func (r *readings) add(s kubelet.Scrape, u kubelet.Usage) {
	r.scrapes = append(r.scrapes, s)
	r.Nodes, r.Pods, r.Skipped = append(r.Nodes, u.Nodes...), append(r.Pods, u.Pods...), append(r.Skipped, u.Skipped...)
}

// sample is one of the readings in words.
func (r *readings) sample() string {
	c := r.scrapes[0].Containers[0]
	return fmt.Sprintf("%s has used %.3f s of CPU", c.Pod, time.Duration(c.CPU).Seconds())
}

// scrapeOf is one reading of a node's kubelet.
func scrapeOf(node, which string) (kubelet.Scrape, error) {
	body, err := text(fmt.Sprintf("kubelet/%s-%s.txt", node, which))
	if err != nil {
		return kubelet.Scrape{}, err
	}
	return kubelet.Parse(body, node, nine)
}

// row is a line of a table without its name, fields apart by one space.
func row(table func(io.Writer) error, name string) string {
	var text strings.Builder
	if err := table(&text); err != nil {
		return err.Error()
	}
	for _, line := range strings.Split(text.String(), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			return strings.Join(fields[1:], " ")
		}
	}
	return "no such line"
}
