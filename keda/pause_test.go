package keda_test

import (
	"fmt"
	"testing"

	"github.com/scalemath/scalemath/keda"
)

func ExampleDecidePause() {
	so := decoded(orders)
	for _, annotations := range []map[string]string{
		{keda.AnnotationPausedReplicas: "2"},
		{keda.AnnotationPausedReplicas: "two"},
		{keda.AnnotationPaused: "true"},
		{keda.AnnotationPausedScaleIn: "true"},
		nil,
	} {
		so.Annotations = annotations
		d, err := keda.DecidePause(so, 5)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d)
	}
	// Output:
	// stopped: 5 -> 2 replicas
	// stopped, but invalid input: metadata.annotations[autoscaling.keda.sh/paused-replicas]: "two" is not a number
	// stopped at 5 replicas
	// paused in one direction or both, the scale loop goes on
	// not paused
}

func TestP1TheConditionFollows(t *testing.T) {
	so := decoded(orders)
	so.Status.Conditions = keda.Conditions{{Type: keda.ConditionPaused, Status: "True"}}
	d, err := keda.DecidePause(so, 5)
	if c, ok := d.Condition(); err != nil || !ok || c.Reason != "ScaledObjectUnpaused" || len(d.Events()) != 1 {
		t.Errorf("%v %v %v", c, ok, err)
	}
	so.Annotations = map[string]string{keda.AnnotationPaused: "true"}
	d, err = keda.DecidePause(so, 5)
	if c, ok := d.Condition(); err != nil || !ok || c.Reason != "ScaledObjectPaused" || len(d.Events()) != 0 {
		t.Errorf("%v %v %v", c, ok, err)
	}
}

func TestP3(t *testing.T) {
	so := decoded(orders)
	so.Status.OriginalReplicaCount, so.Status.ScaleTargetGVKR = ptr[int32](3), &keda.GroupVersionKindResource{}
	if _, ok := keda.RestoredReplicas(so); ok {
		t.Error("restored without being asked")
	}
	so.Spec.Advanced = &keda.AdvancedConfig{RestoreToOriginalReplicaCount: true}
	if n, ok := keda.RestoredReplicas(so); !ok || n != 3 {
		t.Errorf("%d %v", n, ok)
	}
}
