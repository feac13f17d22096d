package trigger

import (
	"math"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Quantity turns a number into the quantity that becomes a metric or a target: rounded to the nearest thousandth, and 0 for
// negatives, infinities and NaN (Q1). There is no upper bound: 1e300 keeps all its digits.
func Quantity(value float64) resource.Quantity {
	if !(value > 0) || math.IsInf(value, 1) {
		return *resource.NewQuantity(0, resource.DecimalSI)
	}
	q, err := resource.ParseQuantity(strconv.FormatFloat(value, 'f', 3, 64))
	if err != nil { // Digits with three decimals are always a quantity.
		return *resource.NewQuantity(0, resource.DecimalSI)
	}
	return q
}

// targetType reads the metricType of an external trigger (Q3).
func targetType(metricType autoscalingv2.MetricTargetType) (autoscalingv2.MetricTargetType, error) {
	switch metricType {
	case "":
		return autoscalingv2.AverageValueMetricType, nil
	case autoscalingv2.UtilizationMetricType:
		return "", faults{"metricType: Utilization is not for external metrics; allowed are Value and AverageValue"}
	}
	return metricType, nil
}

// target puts a quantity where its type wants it: AverageValue alone fills averageValue, every other type fills value (Q3).
func target(metricType autoscalingv2.MetricTargetType, q resource.Quantity) autoscalingv2.MetricTarget {
	if metricType == autoscalingv2.AverageValueMetricType {
		return autoscalingv2.MetricTarget{Type: metricType, AverageValue: &q}
	}
	return autoscalingv2.MetricTarget{Type: metricType, Value: &q}
}
