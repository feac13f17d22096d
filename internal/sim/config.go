package sim

import (
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"

	"github.com/scalemath/scalemath/cloudprovider"
)

// ErrInvalid is what every error about a configuration wraps; the text names the field and the value.
var ErrInvalid = errors.New("invalid input")

// Config is a scenario: what there is at the start, and what happens to it.
type Config struct {
	// Start is the first instant. The zero value is the year 1; give a real one where calendars matter.
	Start time.Time
	// Seed decides everything that is left to chance.
	Seed uint64
	// Cloud is where nodes come from. Its start is that of the scenario.
	Cloud cloudprovider.MemoryConfig
	// Nodes are there from the start and belong to no cloud.
	Nodes []*corev1.Node
	// Workloads are there from the start.
	Workloads []Workload
	// HPAs are there from the start, for the autoscaler that [NewHPA] makes.
	HPAs []*autoscalingv2.HorizontalPodAutoscaler
	// PDBs bound evictions.
	PDBs []*policyv1.PodDisruptionBudget
	// Autoscalers run each at its own period; at one instant in this order.
	Autoscalers []Autoscaler
	// External are the external metrics beside those that autoscalers serve.
	External []External
	// MetricsResolution is how often usage is measured; default 15 seconds.
	MetricsResolution time.Duration
	// MetricsDelay is how long after a measurement its result can be read; default 0.
	MetricsDelay time.Duration
	// Pack makes the scheduler fill one node after the other. By default it goes around, so that pods spread.
	Pack bool
	// QuietPods leaves the records of single pods out of the history.
	QuietPods bool
}

// External is an external metric as a course of time.
type External struct {
	Namespace string // of the objects that may ask for it
	Name      string // of the metric
	Value     Curve  // its one series
}

// Curve is a number as a function of the time since the scenario's start.
type Curve func(since time.Duration) float64

// Constant is always the same.
func Constant(value float64) Curve { return func(time.Duration) float64 { return value } }

// Step is a value from a time on, see [Steps].
type Step struct {
	From  time.Duration // since the start
	Value float64       // from then on
}

// Steps is 0 before the first step; the steps are in order of time.
func Steps(steps ...Step) Curve {
	return func(since time.Duration) float64 {
		value := 0.0
		for _, s := range steps {
			if s.From > since {
				break
			}
			value = s.Value
		}
		return value
	}
}

// Daily goes from low at the start up to high twelve hours later and back, in straight lines, every day.
func Daily(low, high float64) Curve {
	const half = 12 * time.Hour
	return func(since time.Duration) float64 {
		into := since % (2 * half)
		if into > half {
			into = 2*half - into
		}
		return low + (high-low)*float64(into)/float64(half)
	}
}

func invalid(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
}

func (c *Config) validate() error {
	switch {
	case c.MetricsResolution < 0:
		return invalid("metricsResolution", "%s is negative", c.MetricsResolution)
	case c.MetricsDelay < 0:
		return invalid("metricsDelay", "%s is negative", c.MetricsDelay)
	}
	names := map[string]bool{}
	for i := range c.Workloads {
		w := &c.Workloads[i]
		if err := w.validate(); err != nil {
			return err
		}
		if names[w.Key()] {
			return invalid("workloads", "[%d]: %s is there twice", i, w.Key())
		}
		names[w.Key()] = true
	}
	for i, n := range c.Nodes {
		if n == nil || n.Name == "" {
			return invalid("nodes", "[%d] is nil or has no name", i)
		}
		if names["node "+n.Name] {
			return invalid("nodes", "[%d].metadata.name: %q is there twice", i, n.Name)
		}
		names["node "+n.Name] = true
	}
	for i, h := range c.HPAs {
		if h == nil {
			return invalid("hpas", "[%d] is nil", i)
		}
	}
	for i, a := range c.Autoscalers {
		if a == nil || a.Period() <= 0 {
			return invalid("autoscalers", "[%d] is nil or has no period above 0", i)
		}
	}
	for i := range c.External {
		if c.External[i].Value == nil {
			return invalid("external", "[%d].value is nil", i)
		}
	}
	return nil
}
