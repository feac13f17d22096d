package hpa

import autoscalingv2 "k8s.io/api/autoscaling/v2"

// Tolerance is how far a ratio of usage to target may be from 1, each way, without consequence.
type Tolerance struct {
	// Up bounds the ratio from above, at 1 + Up.
	Up float64 `json:"up"`
	// Down bounds the ratio from below, at 1 - Down.
	Down float64 `json:"down"`
}

// Within tells whether a ratio is close enough to 1 to leave the size alone. The bounds themselves are within (T1); NaN
// and the infinities never are (T3).
func (t Tolerance) Within(ratio float64) bool {
	return 1.0-t.Down <= ratio && ratio <= 1.0+t.Up
}

// ToleranceOf is the tolerance in force for an object: the flag, unless its behavior has one for a direction (T2).
func ToleranceOf(cfg Config, hpa *autoscalingv2.HorizontalPodAutoscaler) Tolerance {
	return cfg.tolerance(hpa)
}

func (c *Config) tolerance(hpa *autoscalingv2.HorizontalPodAutoscaler) Tolerance {
	t := Tolerance{Up: c.Tolerance, Down: c.Tolerance}
	if b := hpa.Spec.Behavior; b != nil && c.Gates.HPAConfigurableTolerance {
		if b.ScaleUp != nil && b.ScaleUp.Tolerance != nil {
			t.Up = b.ScaleUp.Tolerance.AsApproximateFloat64()
		}
		if b.ScaleDown != nil && b.ScaleDown.Tolerance != nil {
			t.Down = b.ScaleDown.Tolerance.AsApproximateFloat64()
		}
	}
	return t
}
