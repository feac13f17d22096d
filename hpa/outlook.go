package hpa

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Outlook is what would change a decision: time, or another reading of a metric.
type Outlook struct {
	// NextChangeAt is the first instant at which another size would be written though the metrics go on asking for the
	// same one: a recommendation leaves its window, a policy frees. It is the decision's own instant where the very next
	// reconcile goes further, and zero where time alone changes nothing.
	NextChangeAt time.Time `json:"nextChangeAt,omitzero"`
	// NextReplicas is the size that would be written then.
	NextReplicas int32 `json:"nextReplicas,omitempty"`
	// Thresholds are the turning points of each metric that has a proposal, in the object's order.
	Thresholds []Threshold `json:"thresholds,omitempty"`
}

// Threshold are the nearest readings of one metric at which the size would be another one, everything else unchanged.
type Threshold struct {
	// Metric is the metric's index, and Name what conditions call it.
	Metric int    `json:"metric"`
	Name   string `json:"name"` // see Metric
	// Shown is the reading now: percent for a Utilization, else thousandths, of a mean for ByAverageValue and of the whole
	// for ByValue and ByValuePerPod.
	Shown int64 `json:"shown"`
	// Arithmetic tells the unit of Shown.
	Arithmetic Arithmetic `json:"arithmetic"`
	// Down and Up are the turning points below and above; nil where no reading changes the size.
	Down *Turn `json:"down,omitempty"`
	Up   *Turn `json:"up,omitempty"` // see Down
}

// Turn is a reading at which the size would be another one.
type Turn struct {
	// Shown is the reading, in the unit of [Threshold].Shown.
	Shown int64 `json:"shown"`
	// Total is the sum of readings behind it, in thousandths: over the ready pods, or the whole metric.
	Total int64 `json:"total"`
	// Replicas is the size then.
	Replicas int32 `json:"replicas"`
}

// LookAhead tells what would change the decision that [Decide] makes of the same arguments, assuming that its size is
// written.
func LookAhead(cfg Config, in Input, h History) (Outlook, error) {
	d, err := NewDecider(cfg)
	if err != nil {
		return Outlook{}, err
	}
	after := h.Clone()
	var decision Decision
	if err := d.Decide(&in, &after, &decision); err != nil {
		return Outlook{}, err
	}
	var o Outlook
	if decision.Course != Computed {
		return o, nil
	}
	o.NextChangeAt, o.NextReplicas = d.nextChange(&in, &decision, &after)
	before := h.Clone()
	before.begin(in.Now, decision.Current)
	for i := range decision.Metrics {
		if decision.Metrics[i].Err == nil {
			o.Thresholds = append(o.Thresholds, d.threshold(&in, &decision, &before, i))
		}
	}
	return o, nil
}

// nextChange replays the normalization at each instant at which an entry of the history stops counting.
func (d *Decider) nextChange(in *Input, decision *Decision, h *History) (time.Time, int32) {
	size := decision.Replicas
	for _, t := range d.instants(in, h) {
		if n, _ := d.normalize(in.HPA, size, decision.Desired, t, h); n.Replicas != size {
			return t, n.Replicas
		}
	}
	return time.Time{}, 0
}

// instants are those at which the normalization may change: now, and each end of a window or period, in order.
func (d *Decider) instants(in *Input, h *History) []time.Time {
	all := []time.Time{in.Now}
	add := func(t time.Time) {
		if t.After(in.Now) && t.Year() <= 9999 {
			all = append(all, t)
		}
	}
	b := in.HPA.Spec.Behavior
	if b == nil {
		for _, r := range h.Recommendations {
			add(r.At.Add(d.cfg.DownscaleStabilization + 1)) // L2: the window's end still counts
		}
	} else {
		up, down := upRules(b), downRules(b, d.cfg.DownscaleStabilization)
		for _, r := range h.Recommendations {
			add(r.At.Add(up.window))
			add(r.At.Add(down.window))
		}
		for _, policies := range [][]autoscalingv2.HPAScalingPolicy{up.policies, down.policies} {
			for i := range policies {
				period := time.Duration(policies[i].PeriodSeconds) * time.Second
				for _, e := range slices.Concat(h.ScaleUps, h.ScaleDowns) {
					add(e.At.Add(period))
				}
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// threshold searches the turning points of one metric by doubling the distance from its reading and halving it again.
func (d *Decider) threshold(in *Input, decision *Decision, h *History, metric int) Threshold {
	r := &decision.Metrics[metric]
	sum := r.ask.sum()
	t := Threshold{Metric: metric, Name: decision.MetricName(metric), Arithmetic: r.Arithmetic, Shown: d.shown(&r.ask, sum)}
	results := slices.Clone(decision.Metrics)
	size := func(total int64) int32 {
		ask := r.ask
		ask.setSum(total)
		results[metric].Proposal, _ = d.cfg.Profile.answer(&ask)
		return d.size(in, h, results)
	}
	turn := func(total int64) *Turn {
		return &Turn{Shown: d.shown(&r.ask, total), Total: total, Replicas: size(total)}
	}
	differs := func(total int64) bool { return size(total) != decision.Replicas }
	limit := r.ask.limit()
	if sum < 0 || sum > limit {
		return t
	}
	if total, ok := search(sum, limit, differs); ok {
		t.Up = turn(total)
	}
	if total, ok := search(sum, 0, differs); ok {
		t.Down = turn(total)
	}
	return t
}

// search finds the reading nearest to from, in the direction of limit, for which differs holds; it takes it for granted
// that what differs once goes on to. From and limit are not negative.
func search(from, limit int64, differs func(int64) bool) (int64, bool) {
	direction := int64(1)
	if limit < from {
		direction = -1
	}
	room := (limit - from) * direction
	same, other := int64(0), min(1, room)
	for !differs(from + direction*other) {
		if other == room {
			return 0, false
		}
		same = other
		if other > room/2 {
			other = room
		} else {
			other *= 2
		}
	}
	for same+1 < other {
		if middle := same + (other-same)/2; differs(from + direction*middle) {
			other = middle
		} else {
			same = middle
		}
	}
	return from + direction*other, true
}

// size is the size that a set of results leads to, without recording anything.
func (d *Decider) size(in *Input, h *History, results []MetricResult) int32 {
	current, low := in.Scale.Spec.Replicas, minReplicas(in.HPA)
	_, replicas := d.combine(current, results)
	if len(d.proposals) < len(results) && replicas < current { // M4
		return current
	}
	n, _ := d.normalize(in.HPA, current, max(0, replicas), in.Now, h)
	if current == 0 && low != 0 {
		return max(n.Replicas, low)
	}
	return n.Replicas
}

// limit is how far a what-if goes: beyond it sums and percentages would wrap, and below zero they mean nothing.
func (q *question) limit() int64 {
	const largest = math.MaxInt64 / 1000
	if q.arithmetic == ByUtilization && q.readings.Requests > 0 && q.readings.Requests < largest/math.MaxInt32 {
		return q.readings.Requests * (math.MaxInt32 / 100)
	}
	return largest
}

// sum is the reading that a what-if varies.
func (q *question) sum() int64 {
	if q.arithmetic == ByUtilization || q.arithmetic == ByAverageValue {
		return q.readings.Usage
	}
	return q.total
}

func (q *question) setSum(total int64) {
	if q.arithmetic == ByUtilization || q.arithmetic == ByAverageValue {
		q.readings.Usage = total
		return
	}
	q.total = total
}

// shown is a sum in the unit in which a person knows the metric.
func (d *Decider) shown(q *question, total int64) int64 {
	switch {
	case q.arithmetic == ByUtilization && q.readings.Requests != 0:
		return d.cfg.Profile.mulDiv(total, 100, q.readings.Requests)
	case q.arithmetic == ByAverageValue && q.readings.Samples() > 0:
		return (total + q.readings.GoneUsage) / int64(q.readings.Samples())
	}
	return total
}

// Explain writes the outlook for people.
func (o *Outlook) Explain(w io.Writer) error {
	p := &printer{w: w}
	if !o.NextChangeAt.IsZero() {
		p.line("  if the metrics stay: %s from %s", some(o.NextReplicas, "replica"), clock(o.NextChangeAt))
	}
	for i := range o.Thresholds {
		t := &o.Thresholds[i]
		p.line("  turning points of metric %d, %s, now %s: %s, %s", t.Metric, t.Name, t.text(t.Shown), t.turnText("below", t.Down), t.turnText("above", t.Up))
	}
	return p.err
}

func (t *Threshold) turnText(side string, turn *Turn) string {
	if turn == nil {
		return "none " + side
	}
	return fmt.Sprintf("%s %s it is %s", side, t.text(turn.Shown), some(turn.Replicas, "replica"))
}

func (t *Threshold) text(shown int64) string {
	value := resource.NewMilliQuantity(shown, resource.DecimalSI).String()
	switch t.Arithmetic {
	case ByUtilization:
		return fmt.Sprintf("%d%%", shown)
	case ByAverageValue:
		return value + " a pod"
	}
	return value + " in all"
}
