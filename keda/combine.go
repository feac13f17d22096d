package keda

// Combine says how the activities of several triggers make the activity of a ScaledObject.
//
// It is about leaving and reaching zero or idle alone: in between, the HorizontalPodAutoscaler goes on following the trigger
// that asks for most. With scaling modifiers the formula decides, and Combine has no effect.
type Combine string

// The ways to combine triggers.
const (
	// CombineAny: the object is active if any trigger is. This is what KEDA does.
	CombineAny Combine = "any"
	// CombineAll: the object is active only if every trigger is.
	CombineAll Combine = "all"
	// CombinePriority: the first trigger in the list that gave a reading decides alone.
	CombinePriority Combine = "priority"
)

func (c Combine) known() bool {
	return c == "" || c == CombineAny || c == CombineAll || c == CombinePriority
}
