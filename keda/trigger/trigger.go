package trigger

import (
	"context"
	"errors"
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

var (
	// ErrInvalid marks a trigger whose words make no sense: a parameter that is missing, that does not parse, or that
	// contradicts another. The error names the trigger's index and the field. Values that may hold a credential are left out.
	ErrInvalid = errors.New("invalid trigger")
	// ErrUnknownType marks a trigger of a type that nobody registered. It is an [ErrInvalid] as well.
	ErrUnknownType = fmt.Errorf("%w: unknown type", ErrInvalid)
	// ErrReading marks a source that answered something a value cannot be taken from: a wrong status, a body of another
	// shape, a number that does not parse. KEDA counts such a reading as the trigger's error.
	ErrReading = errors.New("unusable reading")
)

// Config is one entry of a ScaledObject's spec.triggers with everything around it that building the trigger depends on.
type Config struct {
	// Type is the trigger's type, such as "prometheus".
	Type string
	// Name is the trigger's own name, empty unless given. It does not enter the metric's name.
	Name string
	// Index is the position in spec.triggers, resource triggers counted. It begins the metric's name.
	Index int
	// Metadata are the trigger's parameters as written. Unknown keys are ignored.
	Metadata map[string]string
	// AuthParams are the parameters that the trigger's authentication reference resolves to. Their values never appear in
	// an error.
	AuthParams map[string]string
	// ResolvedEnv is the environment of the scaled container, for parameters given by name of a variable ("hostFromEnv").
	// Its values never appear in an error.
	ResolvedEnv map[string]string
	// MetricType is the trigger's metricType; empty means AverageValue for external triggers and is an error for cpu and
	// memory.
	MetricType autoscalingv2.MetricTargetType
	// Namespace is the namespace of the ScaledObject.
	Namespace string
	// CommasInNames leaves the commas of a schedule in the metric's name, as KEDA did before 2.20. Later releases write Cm.
	CommasInNames bool
	// ScalingModifiers says that the object's formula uses this trigger, in which case some triggers need no target of
	// their own.
	ScalingModifiers bool
	// PodIdentity is the provider of the authentication reference's pod identity, such as "aws"; empty is none. It decides
	// which credentials are required.
	PodIdentity string
	// ZonePrefix accepts a schedule that begins with "TZ=Zone " or "CRON_TZ=Zone ", as upstream does. Otherwise it is
	// refused: the zone belongs into the timezone parameter.
	ZonePrefix bool
	// LoadLocation finds a time zone by name. Nil is [time.LoadLocation], which needs a time-zone database, except that the
	// zone "Local" is UTC, as it is in KEDA's own container. It is called once a zone while the trigger is built.
	LoadLocation func(name string) (*time.Location, error)
}

// Trigger is an entry of spec.triggers that parsed. Every type of this package is a struct of its own with a Read method
// that takes what its source gives.
type Trigger interface {
	// Type is the type's name in spec.triggers.
	Type() string
	// Index is the trigger's position in spec.triggers.
	Index() int
	// MetricSpecs are the metrics that the trigger adds to the HorizontalPodAutoscaler, without the selector that names
	// the object. The caller owns the list but must not change what its pointers lead to.
	MetricSpecs() []autoscalingv2.MetricSpec
}

// Judge is a trigger whose reading hangs on one number alone.
type Judge interface {
	Trigger
	// Judge says what the number means: activity compares it unclamped (value > activation), the metric is clamped and
	// rounded.
	Judge(value float64) Reading
}

// Reading is what a trigger made of its source's answer.
type Reading struct {
	// Metric is the external metric's name, such as "s0-prometheus".
	Metric string
	// Value is the number as read, before clamping and rounding.
	Value float64
	// Active says whether the trigger keeps its object awake.
	Active bool
	// Target is what the HorizontalPodAutoscaler holds the value against. It shares its quantity with the trigger and must
	// not be changed.
	Target autoscalingv2.MetricTarget
}

// Quantity is the value as the metrics API hands it out: rounded to thousandths, and 0 for anything negative or not finite.
func (r Reading) Quantity() resource.Quantity { return Quantity(r.Value) }

// String is one line for a person.
func (r Reading) String() string {
	q, state := r.Quantity(), "inactive"
	if r.Active {
		state = "active"
	}
	return fmt.Sprintf("%s: %s of %s, %s", r.Metric, q.String(), targetText(r.Target), state)
}

// Source fetches the reading of one trigger. The packages below this one implement it, and so may anyone for a trigger of
// their own.
type Source interface {
	// Read asks the source. The instant is the reading's: schedules decide by it and queries ask for it.
	Read(ctx context.Context, now time.Time) (Reading, error)
}

// SourceFunc is a function as a [Source].
type SourceFunc func(ctx context.Context, now time.Time) (Reading, error)

// Read calls the function.
func (f SourceFunc) Read(ctx context.Context, now time.Time) (Reading, error) { return f(ctx, now) }

// targetText is a target in words, such as "5 a replica".
func targetText(t autoscalingv2.MetricTarget) string {
	switch {
	case t.AverageValue != nil:
		return t.AverageValue.String() + " a replica"
	case t.Value != nil:
		return t.Value.String() + " in all"
	case t.AverageUtilization != nil:
		return fmt.Sprint(*t.AverageUtilization, " %")
	}
	return "no target"
}
