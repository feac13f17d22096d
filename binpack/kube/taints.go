package kube

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// Tolerates tells whether any of the tolerations tolerates the taint. The operators Lt and Gt, which Kubernetes 1.37
// has switched off, tolerate nothing.
func Tolerates(tolerations []corev1.Toleration, taint *corev1.Taint) bool {
	for i := range tolerations {
		t := &tolerations[i]
		if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
			continue
		}
		switch t.Operator {
		case "", corev1.TolerationOpEqual:
			if t.Value == taint.Value {
				return true
			}
		case corev1.TolerationOpExists:
			return true
		}
	}
	return false
}

// Untolerated returns the first taint with one of the effects that the tolerations do not tolerate, or nil. Without
// effects, those that keep pods away count: NoSchedule and NoExecute.
func Untolerated(taints []corev1.Taint, tolerations []corev1.Toleration, effects ...corev1.TaintEffect) *corev1.Taint {
	for i := range taints {
		t := &taints[i]
		counts := t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute
		if len(effects) > 0 {
			counts = false
			for _, e := range effects {
				counts = counts || e == t.Effect
			}
		}
		if counts && !Tolerates(tolerations, t) {
			return t
		}
	}
	return nil
}

// taintText writes a taint as kubectl does: key=value:effect.
func taintText(t *corev1.Taint) string {
	if t.Value == "" {
		return fmt.Sprintf("%s:%s", t.Key, t.Effect)
	}
	return fmt.Sprintf("%s=%s:%s", t.Key, t.Value, t.Effect)
}
