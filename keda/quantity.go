package keda

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// ErrInvalid marks input that makes no sense. The error that wraps it names the field and the value.
var ErrInvalid = errors.New("invalid input")

func invalid(path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrInvalid, path, fmt.Sprintf(format, args...))
}

// ErrMetricType marks a metric type that an external trigger cannot have.
var ErrMetricType = errors.New("error getting scaler metric type: 'Utilization' metric type is unsupported for external metrics, allowed values are 'Value' or 'AverageValue'")

// MetricQuantity turns a trigger's number into the quantity that becomes its metric or its target: rounded to the nearest
// thousandth, and 0 for negatives, infinities and NaN (Q1). There is no upper bound: 1e300 keeps all its digits.
func MetricQuantity(value float64) resource.Quantity {
	if !(value > 0) || math.IsInf(value, 1) {
		return *resource.NewQuantity(0, resource.DecimalSI)
	}
	text := strconv.AppendFloat(make([]byte, 0, 32), value, 'f', 3, 64)
	// Digits with three decimals are always a quantity.
	q, err := resource.ParseQuantity(string(text))
	if err != nil {
		return *resource.NewQuantity(0, resource.DecimalSI)
	}
	return q
}

// MetricTargetType reads the metricType of an external trigger: empty means AverageValue, Utilization is refused, and
// anything else passes through (Q3).
func MetricTargetType(metricType autoscalingv2.MetricTargetType) (autoscalingv2.MetricTargetType, error) {
	switch metricType {
	case "":
		return autoscalingv2.AverageValueMetricType, nil
	case autoscalingv2.UtilizationMetricType:
		return "", ErrMetricType
	}
	return metricType, nil
}

// MetricTarget puts a target where its type wants it: AverageValue alone fills averageValue, every other type fills value
// (Q3).
func MetricTarget(metricType autoscalingv2.MetricTargetType, target resource.Quantity) autoscalingv2.MetricTarget {
	t := autoscalingv2.MetricTarget{Type: metricType}
	if metricType == autoscalingv2.AverageValueMetricType {
		t.AverageValue = &target
	} else {
		t.Value = &target
	}
	return t
}

// truncated converts to an integer as amd64 does: towards zero, and the smallest integer for whatever does not fit.
func truncated(x float64) int64 {
	if !(x >= -(1<<63) && x < 1<<63) {
		return math.MinInt64
	}
	return int64(x)
}
