package vpa

import (
	"sort"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The conditions that the recommender sets (T5).
const (
	// RecommendationProvided tells whether there is a recommendation for at least one container.
	RecommendationProvided ConditionType = "RecommendationProvided"
	// NoPodsMatched is set where no pod matches.
	NoPodsMatched ConditionType = "NoPodsMatched"
	// ConfigUnsupported is set where the target cannot be used; its message says why.
	ConfigUnsupported ConditionType = "ConfigUnsupported"
)

// conditions updates the conditions of a status. The transition time moves only with the status (T5).
func conditions(now time.Time, old []Condition, provided, podsMatched bool, unsupported string) []Condition {
	kept := make([]Condition, 0, len(old)+2)
	for _, c := range old {
		if c.Type != NoPodsMatched && c.Type != ConfigUnsupported && c.Type != RecommendationProvided {
			kept = append(kept, c)
		}
	}
	set := func(t ConditionType, holds bool, reason, message string) {
		c := Condition{Type: t, Status: corev1.ConditionFalse, LastTransitionTime: metav1.Time{Time: now}, Reason: reason, Message: message}
		if holds {
			c.Status = corev1.ConditionTrue
		}
		for _, was := range old {
			if was.Type == t && was.Status == c.Status {
				c.LastTransitionTime = was.LastTransitionTime
			}
		}
		kept = append(kept, c)
	}
	reason, message := "", ""
	if !podsMatched {
		reason, message = "NoPodsMatched", "No pods match this VPA object"
		set(NoPodsMatched, true, reason, message)
	}
	if provided {
		reason, message = "", ""
	}
	set(RecommendationProvided, provided, reason, message)
	if unsupported != "" {
		set(ConfigUnsupported, true, "", unsupported)
	}
	sort.Slice(kept, func(i, j int) bool { return kept[i].Type < kept[j].Type })
	return kept
}
