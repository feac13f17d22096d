package kubelet_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/metrics"
	"github.com/scalemath/scalemath/metrics/kubelet"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// text is what a kubelet tells at a time after now: a node and the containers given, each as "pod/name cpu memory started".
func text(after time.Duration, node string, containers ...string) []byte {
	at := now.Add(after).UnixMilli()
	var b strings.Builder
	var cpu, memory float64
	if _, err := fmt.Sscan(node, &cpu, &memory); err == nil {
		fmt.Fprintf(&b, "# TYPE node_cpu_usage_seconds_total counter\nnode_cpu_usage_seconds_total %v %d\n", cpu, at)
		fmt.Fprintf(&b, "# TYPE node_memory_working_set_bytes gauge\nnode_memory_working_set_bytes %v %d\n", memory, at)
	}
	for _, metric := range []struct{ name, kind string }{
		{"container_cpu_usage_seconds_total", "counter"}, {"container_memory_working_set_bytes", "gauge"}, {"container_start_time_seconds", "gauge"},
	} {
		fmt.Fprintf(&b, "# TYPE %s %s\n", metric.name, metric.kind)
		for _, c := range containers {
			var name string
			var cpu, memory, started float64
			if _, err := fmt.Sscan(c, &name, &cpu, &memory, &started); err != nil {
				panic(err)
			}
			pod, container, _ := strings.Cut(name, "/")
			value := map[string]float64{"container_cpu_usage_seconds_total": cpu, "container_memory_working_set_bytes": memory}[metric.name]
			if metric.name == "container_start_time_seconds" {
				value = float64(now.Unix()) + started
			}
			if value >= 0 {
				fmt.Fprintf(&b, "%s{container=%q,namespace=\"default\",pod=%q} %v %d\n", metric.name, container, pod, value, at)
			}
		}
	}
	return []byte(b.String())
}

func parse(t testing.TB, text []byte) kubelet.Scrape {
	t.Helper()
	s, err := kubelet.Parse(text, "node-1", now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ExampleBetween() {
	first, err := kubelet.Parse(text(0, "1000 4e9", "web/app 100 52428800 -3600", "web/proxy 10 1048576 -3600"), "node-1", now)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := kubelet.Parse(text(time.Minute, "1030 4294967296", "web/app 106 62914560 -3600", "web/proxy 10.3 1048576 -3600"), "node-1", now)
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := kubelet.Between(kubelet.Defaults(), first, second)
	nodes := map[string]corev1.ResourceList{
		"node-1": {corev1.ResourceCPU: resource.MustParse("1930m"), corev1.ResourceMemory: resource.MustParse("7Gi")}, "node-2": {},
	}
	if err := kubelet.TopNodes(os.Stdout, usage.Nodes, nodes); err != nil {
		fmt.Println(err)
	}
	if err := kubelet.TopPods(os.Stdout, usage.Pods, kubelet.TopPodsOptions{}); err != nil {
		fmt.Println(err)
	}
	if err := kubelet.TopPods(os.Stdout, usage.Pods, kubelet.TopPodsOptions{AllNamespaces: true, Containers: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// NAME     CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)
	// node-1   500m         25%         4096Mi          57%
	// node-2   <unknown>    <unknown>   <unknown>       <unknown>
	// NAME   CPU(cores)   MEMORY(bytes)
	// web    105m         61Mi
	// NAMESPACE   POD   NAME    CPU(cores)   MEMORY(bytes)
	// default     web   app     100m         60Mi
	// default     web   proxy   5m           1Mi
}

func TestParse(t *testing.T) {
	s := parse(t, []byte(`# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node in core-seconds
# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total 4.5 1772442000250
# TYPE node_memory_working_set_bytes gauge
node_memory_working_set_bytes 1024 1772442000250
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="a",namespace="n",pod="p"} 1.5
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{container="a",namespace="n",pod="p"} 2048
# TYPE container_start_time_seconds gauge
container_start_time_seconds{container="a",namespace="n",pod="p"} 1772441000.5
# TYPE resource_scrape_error gauge
resource_scrape_error 0
`))
	if s.Point == nil || s.Point.CPU != 4_500_000_000 || s.Point.Memory != 1024 || !s.Point.At.Equal(now.Add(250*time.Millisecond)) {
		t.Errorf("node: %+v", s.Point)
	}
	if len(s.Containers) != 1 {
		t.Fatalf("%+v", s)
	}
	c := s.Containers[0]
	if c.Namespace != "n" || c.Pod != "p" || c.Name != "a" || c.CPU != 1_500_000_000 || c.Memory != 2048 || !c.At.Equal(now) || !c.Started.Equal(time.UnixMilli(1772441000500)) {
		t.Errorf("container: %+v", c)
	}
	if _, err := kubelet.Parse([]byte("node_cpu{"), "node-1", now); !errors.Is(err, kubelet.ErrInvalid) || !strings.Contains(err.Error(), "node-1") {
		t.Errorf("%v", err)
	}
}

// told is what became of each container and the node, in one line.
func told(u kubelet.Usage) string {
	var parts []string
	for _, n := range u.Nodes {
		parts = append(parts, fmt.Sprint(n.Name, " ", n.Usage.Cpu(), " ", n.Window.Duration))
	}
	for _, p := range u.Pods {
		line := p.Name
		for _, c := range p.Containers {
			line += fmt.Sprint(" ", c.Name, " ", c.Usage.Cpu(), " ", c.Usage.Memory().Value())
		}
		parts = append(parts, line+" "+p.Window.Duration.String())
	}
	for _, s := range u.Skipped {
		parts = append(parts, s.Pod+"/"+s.Name+" "+string(s.Why))
	}
	return strings.Join(parts, "; ")
}

func TestUsageBetweenTwoScrapes(t *testing.T) {
	const old = " -3600"
	for _, c := range []struct {
		name          string
		first, second []byte
		want          string
	}{
		{"rate and working set", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 16 200"+old), "a x 100m 200 1m0s; / NoCPU"},
		{"nothing used", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 10 200"+old), "a x 0 200 1m0s; / NoCPU"},
		{"a node", text(0, "10 1"), text(30*time.Second, "25 1"), "node-1 500m 30s"},
		{"a node that was not there", nil, text(30*time.Second, "25 1"), "/ FirstReading"},
		{"a node whose counter went back", text(0, "10 1"), text(30*time.Second, "5 1"), "/ WentBack"},
		{"the same reading again", text(0, "10 1", "a/x 10 100"+old), text(0, "10 1", "a/x 10 100"+old), "/ NotNewer; a/x NotNewer"},
		{"an older reading", text(time.Minute, "10 1"), text(0, "9 1"), "/ NotNewer"},
		{"a new container of an old pod", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 16 200"+old, "a/y 1 1"+old),
			"/ NoCPU; a/ OtherContainer; a/y FirstReading"},
		{"a container that is gone", text(0, "", "a/x 10 100"+old, "a/y 1 1"+old), text(time.Minute, "", "a/x 16 200"+old), "a x 100m 200 1m0s; / NoCPU"},
		{"restarted between the scrapes, long enough ago", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 4 200 20"), "a x 100m 200 40s; / NoCPU"},
		{"restarted between the scrapes, too short ago", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 4 200 55"), "/ NoCPU; a/x Restarted"},
		{"fresh without an earlier scrape", nil, text(time.Minute, "", "a/x 1 200 40"), "a x 50m 200 20s; / NoCPU"},
		{"young is ten seconds", nil, text(time.Minute, "", "a/x 1 200 50"), "a x 100m 200 10s; / NoCPU"},
		{"old is the resolution", nil, text(time.Minute, "", "a/x 1 200 0"), "/ NoCPU; a/x FirstReading"},
		{"a counter that went back without a restart leaves the pod", text(0, "", "a/x 10 100"+old, "a/y 1 1"+old), text(time.Minute, "", "a/x 4 200"+old, "a/y 7 1"+old),
			"a y 100m 1 1m0s; / NoCPU; a/x WentBack"},
		{"cpu of 0 counts as missing, for the whole pod", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 16 200"+old, "a/y 0 5"+old), "/ NoCPU; a/x OtherContainer; a/y NoCPU"},
		{"no memory", text(0, "", "a/x 10 100"+old), text(time.Minute, "", "a/x 16 -1"+old), "/ NoCPU; a/x NoMemory"},
		{"a nanocore is cut off", text(0, "", "a/x 1 1"+old), text(7*time.Second, "", "a/x 2 1"+old), "a x 142857142n 1 7s; / NoCPU"},
	} {
		if got := told(kubelet.Between(kubelet.Defaults(), parse(t, c.first), parse(t, c.second))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAReadingThatIsToldAgainKeepsTheWindowBeforeIt(t *testing.T) {
	var st kubelet.State
	for i, c := range []struct {
		scrape []byte
		want   string
	}{
		{text(0, "10 1", "a/x 10 100 -3600"), "/ FirstReading; a/x FirstReading"},
		{text(time.Minute, "40 1", "a/x 16 100 -3600"), "node-1 500m 1m0s; a x 100m 100 1m0s"},
		{text(time.Minute, "40 1", "a/x 16 100 -3600"), "node-1 500m 1m0s; a x 100m 100 1m0s"},
		{text(2*time.Minute, "46 1", "a/x 19 100 -3600"), "node-1 100m 1m0s; a x 50m 100 1m0s"},
	} {
		st = kubelet.Next(kubelet.Defaults(), st, parse(t, c.scrape))
		text, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		var back kubelet.State
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if got := told(kubelet.Measure(back)); got != c.want {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
		st = back
	}
}

func TestAReadingFromNothingIsADefectWithASwitch(t *testing.T) {
	scrapes := [][]byte{
		text(0, "", "a/x 10 100 -3600"), text(time.Minute, "", "a/x 16 100 -3600", "a/y 5 100 -3600"), text(time.Minute, "", "a/x 16 100 -3600", "a/y 5 100 -3600"),
	}
	for profile, want := range map[kubelet.Profile]string{
		{}:              "a x 100m 100 y 0 100 1m0s; / NoCPU",
		kubelet.Fixed(): "/ NoCPU; a/ OtherContainer; a/y NotNewer",
	} {
		cfg, st := kubelet.Defaults(), kubelet.State{}
		cfg.Profile = profile
		for _, s := range scrapes {
			st = kubelet.Next(cfg, st, parse(t, s))
		}
		if got := told(kubelet.Measure(st)); got != want {
			t.Errorf("%+v: got %s, want %s", profile, got, want)
		}
	}
}

func TestPodsReadLikeTheMetricsAPI(t *testing.T) {
	u := kubelet.Between(kubelet.Defaults(), parse(t, text(0, "", "a/x 10 100 -3600")), parse(t, text(time.Minute, "", "a/x 16 200 -3600")))
	samples := metrics.PodSamples(u.Pods, corev1.ResourceCPU, "")
	if len(samples) != 1 || samples[0].Value != 100 || !samples[0].Time.Equal(now.Add(time.Minute)) || samples[0].Window != time.Minute {
		t.Errorf("%+v", samples)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(text(0, "10 1", "a/x 10 100 -3600")), []byte(text(time.Minute, "20 1", "a/x 16 100 -3600", "b/y 1 1 30")))
	f.Add([]byte("node_cpu_usage_seconds_total NaN\nnode_memory_working_set_bytes -1 -5\n"), []byte("container_start_time_seconds 1e300\n"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a, err := kubelet.Parse(first, "n", now)
		if err != nil {
			if !errors.Is(err, kubelet.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		b, err := kubelet.Parse(second, "n", now.Add(time.Minute))
		if err != nil {
			return
		}
		u := kubelet.Between(kubelet.Defaults(), a, b)
		for _, p := range u.Pods {
			for _, c := range p.Containers {
				if c.Usage.Cpu().Sign() < 0 || c.Usage.Memory().Sign() < 0 {
					t.Fatalf("%+v", c)
				}
			}
		}
		if again := kubelet.Between(kubelet.Defaults(), a, b); told(again) != told(u) {
			t.Fatal("the same scrapes have two answers")
		}
	})
}
