package keda

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// group is the API group and version of KEDA's resources.
const group = "keda.sh/v1alpha1"

// Manifests are the objects of a manifest that this package knows.
type Manifests struct {
	// ScaledObjects are the ScaledObjects, in the manifest's order.
	ScaledObjects []*ScaledObject `json:"scaledObjects,omitempty"`
	// ScaledJobs are the ScaledJobs, in the manifest's order.
	ScaledJobs []*ScaledJob `json:"scaledJobs,omitempty"`
}

// Decode reads all ScaledObjects and ScaledJobs from YAML or JSON as kubectl prints it: several documents, and Lists. They
// are read as strictly as by [DecodeScaledObject]; objects of other kinds are passed over.
func Decode(manifests []byte) (Manifests, error) {
	var all Manifests
	documents := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(manifests)))
	defer documents.Close()
	buffer := make([]byte, len(manifests)+1)
	for n := 1; ; n++ {
		size, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err == nil {
			var text []byte
			if text, err = yaml.YAMLToJSONStrict(buffer[:size]); err == nil {
				err = all.add(text, metav1.TypeMeta{})
			}
		}
		if err != nil {
			return Manifests{}, fmt.Errorf("%w: document %d: %w", ErrInvalid, n, err)
		}
	}
}

// add takes an object in, or a list's objects, to which the list's kind may have been left.
func (m *Manifests) add(text []byte, list metav1.TypeMeta) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Items           []stdjson.RawMessage `json:"items"`
	}
	if err := json.UnmarshalCaseSensitivePreserveInts(text, &head); err != nil {
		return err
	}
	if head.Kind == "" {
		head.TypeMeta = list
	}
	switch head.Kind {
	case "List", "ScaledObjectList", "ScaledJobList":
		item := metav1.TypeMeta{Kind: head.Kind[:len(head.Kind)-len("List")], APIVersion: head.APIVersion}
		for i, text := range head.Items {
			if err := m.add(text, item); err != nil {
				return fmt.Errorf("items[%d]: %w", i, err)
			}
		}
		return nil
	case "ScaledObject":
		so, err := strict[ScaledObject](text, head.Kind)
		if err == nil {
			so.TypeMeta = head.TypeMeta
			m.ScaledObjects = append(m.ScaledObjects, so)
		}
		return errors.Join(err, wanted(head.TypeMeta, head.Kind))
	case "ScaledJob":
		sj, err := strict[ScaledJob](text, head.Kind)
		if err == nil {
			sj.TypeMeta = head.TypeMeta
			m.ScaledJobs = append(m.ScaledJobs, sj)
		}
		return errors.Join(err, wanted(head.TypeMeta, head.Kind))
	}
	return nil
}

// DecodeScaledObject reads a ScaledObject from one document of YAML or JSON, strictly: a field that KEDA does not know, or
// a value of the wrong type, is an error that names it.
func DecodeScaledObject(manifest []byte) (*ScaledObject, error) {
	so, err := decode[ScaledObject](manifest, "ScaledObject")
	if err == nil {
		err = wanted(so.TypeMeta, "ScaledObject")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return so, nil
}

// DecodeScaledJob reads a ScaledJob from one document of YAML or JSON, as strictly as [DecodeScaledObject].
func DecodeScaledJob(manifest []byte) (*ScaledJob, error) {
	sj, err := decode[ScaledJob](manifest, "ScaledJob")
	if err == nil {
		err = wanted(sj.TypeMeta, "ScaledJob")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return sj, nil
}

func decode[T any](manifest []byte, kind string) (*T, error) {
	// Not in one step: told the types, the YAML library would turn a number into a text where a text is wanted, which the
	// API server refuses.
	text, err := yaml.YAMLToJSONStrict(manifest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	return strict[T](text, kind)
}

func strict[T any](text []byte, kind string) (*T, error) {
	var out T
	unknown, err := json.UnmarshalStrict(text, &out)
	if err = errors.Join(append(unknown, err)...); err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	return &out, nil
}

func wanted(is metav1.TypeMeta, kind string) error {
	if is.Kind != kind || is.APIVersion != group {
		return fmt.Errorf("want a %s of %s, not a %q of %q", kind, group, is.Kind, is.APIVersion)
	}
	return nil
}
