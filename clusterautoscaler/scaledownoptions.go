package clusterautoscaler

// ScaleDownOptions are the flags of scale-down.
type ScaleDownOptions struct{}

// DefaultScaleDownOptions are upstream's defaults.
func DefaultScaleDownOptions() ScaleDownOptions { return ScaleDownOptions{} }

// ScaleDownState is what scale-down remembers.
type ScaleDownState struct{}
