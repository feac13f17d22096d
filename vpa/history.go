package vpa

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Series is a recorded usage of one container.
type Series struct {
	// Pod is the pod's name.
	Pod string `json:"pod"`
	// Container is the container's name.
	Container string `json:"container"`
	// Labels are the pod's labels; series without labels share one aggregate.
	Labels map[string]string `json:"labels,omitempty"`
	// Resource is cpu or memory.
	Resource corev1.ResourceName `json:"resource"`
	// Points are the usage, sorted by time.
	Points []Point `json:"points"`
}

// Point is a usage at a time: cores of CPU, bytes of memory.
type Point struct {
	// At is the end of the measured interval.
	At time.Time `json:"at"`
	// Value is the usage.
	Value float64 `json:"value"`
}

// ErrHistory marks a recording that cannot be read.
var ErrHistory = errors.New("unreadable history")

func unreadable(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrHistory, fmt.Errorf(format, args...))
}

// ReadPrometheus reads the answer of a Prometheus range query, as its HTTP API gives it: a matrix of usages, one series a
// container. CPU is in cores, which is a rate of container_cpu_usage_seconds_total; memory in bytes. Without a resource,
// the metric's name must tell which it is. Samples that are not numbers are left out.
func ReadPrometheus(r io.Reader, of corev1.ResourceName) ([]Series, error) {
	var answer struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   struct {
			ResultType string `json:"resultType"`
			Result     []struct {
				Metric map[string]string    `json:"metric"`
				Values [][2]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(r).Decode(&answer); err != nil {
		return nil, unreadable("not the answer of a range query: %w", err)
	}
	if answer.Status != "success" || answer.Data.ResultType != "matrix" {
		return nil, unreadable("status %q, result type %q %s: want a matrix", answer.Status, answer.Data.ResultType, answer.Error)
	}
	var all []Series
	for i, result := range answer.Data.Result {
		s := Series{Resource: of, Labels: map[string]string{}}
		if s.Resource == "" {
			if s.Resource = resourceOf(result.Metric["__name__"]); s.Resource == "" {
				return nil, unreadable("result[%d]: metric %q tells neither cpu nor memory; name the resource", i, result.Metric["__name__"])
			}
		}
		for name, value := range result.Metric {
			switch name {
			case "pod", "pod_name":
				s.Pod = value
			case "container", "container_name":
				s.Container = value
			default:
				if label, ok := strings.CutPrefix(name, "label_"); ok {
					s.Labels[label] = value
				}
			}
		}
		if s.Container == "" || s.Container == "POD" {
			continue // the sum of a pod, or its sandbox
		}
		for j, pair := range result.Values {
			p, ok, err := point(pair)
			if err != nil {
				return nil, unreadable("result[%d].values[%d]: %w", i, j, err)
			}
			if ok {
				s.Points = append(s.Points, p)
			}
		}
		sortPoints(s.Points)
		all = append(all, s)
	}
	return all, nil
}

func resourceOf(metric string) corev1.ResourceName {
	switch {
	case strings.Contains(metric, "memory"):
		return corev1.ResourceMemory
	case strings.Contains(metric, "cpu"):
		return corev1.ResourceCPU
	}
	return ""
}

// point reads a pair of a time in seconds and a value as text.
func point(pair [2]json.RawMessage) (p Point, ok bool, err error) {
	var seconds float64
	var text string
	if err := json.Unmarshal(pair[0], &seconds); err != nil {
		return p, false, fmt.Errorf("time %s: %w", pair[0], err)
	}
	if err := json.Unmarshal(pair[1], &text); err != nil {
		return p, false, fmt.Errorf("value %s: %w", pair[1], err)
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return p, false, fmt.Errorf("value %q: %w", text, err)
	}
	if p.At, err = unixTime(seconds); err != nil {
		return p, false, err
	}
	p.Value = value
	return p, !math.IsNaN(value) && !math.IsInf(value, 0), nil
}

// unixTime reads seconds, whose fraction is cut to milliseconds.
func unixTime(seconds float64) (time.Time, error) {
	if !(math.Abs(seconds) < 1e11) {
		return time.Time{}, fmt.Errorf("time %v: not seconds since 1970", seconds)
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
}

// ReadCSV reads rows of time, pod, container, cpu and memory under a header with these names; pod and labels may be
// missing, and one of cpu and memory. A time is RFC 3339 or seconds since 1970, a usage a quantity ("250m", "0.25",
// "300Mi") or empty, labels are "key=value" joined by semicolons.
func ReadCSV(r io.Reader) ([]Series, error) {
	in := csv.NewReader(r)
	in.Comment, in.TrimLeadingSpace = '#', true
	header, err := in.Read()
	if err != nil {
		return nil, unreadable("header: %w", err)
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	_, cpu := column["cpu"]
	_, memory := column["memory"]
	for _, name := range []string{"time", "container"} {
		if _, ok := column[name]; !ok {
			return nil, unreadable("header: no column %q", name)
		}
	}
	if !cpu && !memory {
		return nil, unreadable("header: neither a column cpu nor one memory")
	}
	var all []Series
	places := map[string]int{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable("%w", err)
		}
		line, _ := in.FieldPos(0)
		field := func(name string) string {
			if i, ok := column[name]; ok {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		at, err := parseTime(field("time"))
		if err != nil {
			return nil, unreadable("line %d: %w", line, err)
		}
		if field("container") == "" {
			return nil, unreadable("line %d: container is empty", line)
		}
		for _, name := range [...]corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			text := field(string(name))
			if text == "" {
				continue
			}
			q, err := resource.ParseQuantity(text)
			if err != nil {
				return nil, unreadable("line %d: %s %q: %w", line, name, text, err)
			}
			key := strings.Join([]string{field("pod"), field("container"), string(name)}, "\x00")
			i, ok := places[key]
			if !ok {
				i = len(all)
				places[key] = i
				all = append(all, Series{Pod: field("pod"), Container: field("container"), Resource: name})
			}
			if all[i].Labels, err = parseLabels(field("labels")); err != nil {
				return nil, unreadable("line %d: %w", line, err)
			}
			all[i].Points = append(all[i].Points, Point{at, q.AsApproximateFloat64()})
		}
	}
	for i := range all {
		sortPoints(all[i].Points)
	}
	return all, nil
}

func parseTime(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("time %q is neither RFC 3339 nor seconds since 1970", text)
	}
	return unixTime(seconds)
}

func parseLabels(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	out := map[string]string{}
	for _, pair := range strings.Split(text, ";") {
		key, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok {
			return nil, fmt.Errorf("label %q is not key=value", pair)
		}
		out[key] = value
	}
	return out, nil
}

func sortPoints(points []Point) {
	sort.SliceStable(points, func(i, j int) bool { return points[i].At.Before(points[j].At) })
}

// ReadHistory reads a recording in either form: JSON is the answer of a range query, anything else CSV.
func ReadHistory(r io.Reader, of corev1.ResourceName) ([]Series, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, unreadable("%w", err)
	}
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		return ReadPrometheus(bytes.NewReader(trimmed), of)
	}
	return ReadCSV(bytes.NewReader(text))
}

// Replay feeds recorded usages to a recommender as upstream feeds its Prometheus history: pod by pod, series by series,
// each amount rounded down (Q5, I3).
func (r *Recommender) Replay(history []Series) {
	for i := range history {
		s := &history[i]
		if len(s.Points) == 0 {
			continue
		}
		r.SetPod(s.Points[0].At, Pod{Name: s.Pod, Labels: s.Labels, Containers: []PodContainer{{Name: s.Container}}})
		c := r.Container(s.Pod, s.Container)
		for _, p := range s.Points {
			if s.Resource == corev1.ResourceMemory {
				c.AddMemory(p.At, amountOf(p.Value))
			} else {
				c.AddCPU(p.At, ofCores(p.Value))
			}
		}
	}
}
