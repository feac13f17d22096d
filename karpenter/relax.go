package karpenter

import (
	"fmt"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
)

// RelaxationStep is a kind of preference that can be given up.
type RelaxationStep string

// The steps, in the order in which they are tried (rule 32).
const (
	DropRequiredTerm         RelaxationStep = "RequiredNodeAffinityTerm"  // the first of several required terms
	DropPodAffinity          RelaxationStep = "PreferredPodAffinity"      // the heaviest preferred one
	DropPodAntiAffinity      RelaxationStep = "PreferredPodAntiAffinity"  // the heaviest preferred one
	DropNodeAffinity         RelaxationStep = "PreferredNodeAffinity"     // the heaviest preferred term
	DropSpread               RelaxationStep = "ScheduleAnywaySpread"      // the first constraint that is a wish
	ToleratePreferNoSchedule RelaxationStep = "TolerateAPreferNoSchedule" // every PreferNoSchedule taint is tolerated
)

// Relaxation is a preference that was given up.
type Relaxation struct {
	Step   RelaxationStep `json:"step"`             // its kind
	Weight int32          `json:"weight,omitempty"` // of a preferred term
	Detail string         `json:"detail,omitempty"` // what was given up, in words
}

// String says what was given up.
func (r Relaxation) String() string {
	if r.Weight != 0 {
		return fmt.Sprintf("%s (weight %d): %s", r.Step, r.Weight, r.Detail)
	}
	if r.Detail == "" {
		return string(r.Step)
	}
	return fmt.Sprintf("%s: %s", r.Step, r.Detail)
}

// relax gives up one preference of a pod, which it changes: rule 32. It returns false where none is left.
func (c *Cluster) relax(pod *corev1.Pod) (Relaxation, bool) {
	if a := pod.Spec.Affinity; a != nil {
		for _, step := range []func(*corev1.Affinity) (Relaxation, bool){relaxRequired, relaxPodAffinity, relaxPodAntiAffinity, c.relaxNodeAffinity} {
			if r, ok := step(a); ok {
				return r, true
			}
		}
	}
	if r, ok := relaxSpread(pod); ok {
		return r, true
	}
	return c.relaxTaints(pod)
}

func relaxRequired(a *corev1.Affinity) (Relaxation, bool) {
	if a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return Relaxation{}, false
	}
	r := a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if len(r.NodeSelectorTerms) < 2 {
		return Relaxation{}, false
	}
	text := termText(&r.NodeSelectorTerms[0])
	r.NodeSelectorTerms = r.NodeSelectorTerms[1:]
	return Relaxation{Step: DropRequiredTerm, Detail: text}, true
}

func relaxPodAffinity(a *corev1.Affinity) (Relaxation, bool) {
	if a.PodAffinity == nil {
		return Relaxation{}, false
	}
	return relaxTerms(DropPodAffinity, &a.PodAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
}

func relaxPodAntiAffinity(a *corev1.Affinity) (Relaxation, bool) {
	if a.PodAntiAffinity == nil {
		return Relaxation{}, false
	}
	return relaxTerms(DropPodAntiAffinity, &a.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution)
}

// relaxTerms sorts preferred terms by weight, heaviest first, and drops the first (rule 34).
func relaxTerms(step RelaxationStep, terms *[]corev1.WeightedPodAffinityTerm) (Relaxation, bool) {
	if len(*terms) == 0 {
		return Relaxation{}, false
	}
	slices.SortStableFunc(*terms, func(a, b corev1.WeightedPodAffinityTerm) int { return int(b.Weight) - int(a.Weight) })
	t := (*terms)[0]
	*terms = (*terms)[1:]
	return Relaxation{Step: step, Weight: t.Weight, Detail: t.PodAffinityTerm.TopologyKey}, true
}

func (c *Cluster) relaxNodeAffinity(a *corev1.Affinity) (Relaxation, bool) {
	if a.NodeAffinity == nil || len(a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution) == 0 {
		return Relaxation{}, false
	}
	terms := &a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution
	if !c.options.IgnorePreferences {
		// Reading the requirements has sorted the terms already, in its own way.
		sort.Slice(*terms, func(i, j int) bool { return (*terms)[i].Weight > (*terms)[j].Weight })
	}
	slices.SortStableFunc(*terms, func(a, b corev1.PreferredSchedulingTerm) int { return int(b.Weight) - int(a.Weight) })
	t := (*terms)[0]
	*terms = (*terms)[1:]
	return Relaxation{Step: DropNodeAffinity, Weight: t.Weight, Detail: termText(&t.Preference)}, true
}

// relaxSpread drops the first wish; the last constraint takes its place.
func relaxSpread(pod *corev1.Pod) (Relaxation, bool) {
	list := pod.Spec.TopologySpreadConstraints
	for i := range list {
		if list[i].WhenUnsatisfiable == corev1.ScheduleAnyway {
			key := list[i].TopologyKey
			list[i] = list[len(list)-1]
			pod.Spec.TopologySpreadConstraints = list[:len(list)-1]
			return Relaxation{Step: DropSpread, Detail: key}, true
		}
	}
	return Relaxation{}, false
}

func (c *Cluster) relaxTaints(pod *corev1.Pod) (Relaxation, bool) {
	if !c.prefer {
		return Relaxation{}, false
	}
	for i := range pod.Spec.Tolerations {
		t := &pod.Spec.Tolerations[i]
		if t.Operator == corev1.TolerationOpExists && t.Effect == corev1.TaintEffectPreferNoSchedule && t.Key == "" && t.Value == "" {
			return Relaxation{}, false
		}
	}
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectPreferNoSchedule})
	return Relaxation{Step: ToleratePreferNoSchedule}, true
}

// termText writes a term of node affinity in short.
func termText(t *corev1.NodeSelectorTerm) string {
	text := ""
	for i := range t.MatchExpressions {
		e := &t.MatchExpressions[i]
		if i > 0 {
			text += ", "
		}
		text += e.Key + " " + string(e.Operator)
		if len(e.Values) > 0 {
			text += fmt.Sprint(" ", e.Values)
		}
	}
	return text
}
