package keda

import (
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// DecodeScaledObject reads a ScaledObject from one document of YAML or JSON, strictly: a field that KEDA does not know, or
// a value of the wrong type, is an error that names it.
func DecodeScaledObject(manifest []byte) (*ScaledObject, error) {
	return decode[ScaledObject](manifest, "ScaledObject", func(so *ScaledObject) *metav1.TypeMeta { return &so.TypeMeta })
}

// DecodeScaledJob reads a ScaledJob from one document of YAML or JSON, as strictly as [DecodeScaledObject].
func DecodeScaledJob(manifest []byte) (*ScaledJob, error) {
	return decode[ScaledJob](manifest, "ScaledJob", func(sj *ScaledJob) *metav1.TypeMeta { return &sj.TypeMeta })
}

func decode[T any](manifest []byte, kind string, meta func(*T) *metav1.TypeMeta) (*T, error) {
	// Not in one step: told the types, the YAML library would turn a number into a text where a text is wanted, which the
	// API server refuses.
	text, err := yaml.YAMLToJSONStrict(manifest)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, kind, err)
	}
	var out T
	unknown, err := json.UnmarshalStrict(text, &out)
	if err = errors.Join(append(unknown, err)...); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrInvalid, kind, err)
	}
	if m := meta(&out); m.Kind != kind || m.APIVersion != "keda.sh/v1alpha1" {
		return nil, fmt.Errorf("%w: want a %s of keda.sh/v1alpha1, not a %q of %q", ErrInvalid, kind, m.Kind, m.APIVersion)
	}
	return &out, nil
}
