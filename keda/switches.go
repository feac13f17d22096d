package keda

// Switches are what the annotations of a ScaledObject switch on or off.
type Switches struct {
	// Paused stops the object altogether; see [Paused].
	Paused bool `json:"paused,omitempty"`
	// PausedScaleIn forbids fewer replicas.
	PausedScaleIn bool `json:"pausedScaleIn,omitempty"`
	// PausedScaleOut forbids more replicas, except raising them to the minimum.
	PausedScaleOut bool `json:"pausedScaleOut,omitempty"`
	// ForceActivation counts as an active trigger.
	ForceActivation bool `json:"forceActivation,omitempty"`
}

// SwitchesOf reads the switches of a ScaledObject.
func SwitchesOf(annotations map[string]string) Switches {
	return Switches{
		Paused:          Paused(annotations),
		PausedScaleIn:   Switched(annotations, AnnotationPausedScaleIn),
		PausedScaleOut:  Switched(annotations, AnnotationPausedScaleOut),
		ForceActivation: Switched(annotations, AnnotationForceActivation),
	}
}

// The four below read one switch where none were read before: most decisions do not need all.

func (in *Input) paused() bool {
	if in.Switches != nil {
		return in.Switches.Paused
	}
	return Paused(in.Object.Annotations)
}

func (in *Input) scaleInPaused() bool {
	if in.Switches != nil {
		return in.Switches.PausedScaleIn
	}
	return Switched(in.Object.Annotations, AnnotationPausedScaleIn)
}

func (in *Input) scaleOutPaused() bool {
	if in.Switches != nil {
		return in.Switches.PausedScaleOut
	}
	return Switched(in.Object.Annotations, AnnotationPausedScaleOut)
}

func (in *Input) forced() bool {
	if in.Switches != nil {
		return in.Switches.ForceActivation
	}
	return Switched(in.Object.Annotations, AnnotationForceActivation)
}
