package keda

import (
	"fmt"
	"io"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda"
)

type quantityIn struct {
	Value      string                         `json:"value"`
	MetricType autoscalingv2.MetricTargetType `json:"metricType"`
}

type quantityOut struct {
	Metric resource.Quantity          `json:"metric"`
	Target autoscalingv2.MetricTarget `json:"target"`
}

func quantity(in quantityIn) (any, func(io.Writer) error, error) {
	x, err := strconv.ParseFloat(in.Value, 64)
	if err != nil {
		return nil, nil, fmt.Errorf("value: %w", err)
	}
	q := keda.MetricQuantity(x)
	return quantityOut{q, keda.MetricTarget(in.MetricType, q)}, nil, nil
}
