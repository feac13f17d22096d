// Package manifest reads Kubernetes manifests as kubectl prints them: YAML or JSON, several documents a file, and Lists.
package manifest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Object is one object of a manifest, not decoded yet.
type Object struct {
	metav1.TypeMeta
	// Source says where it stands, for messages: file and document.
	Source string
	// JSON is the object.
	JSON []byte
}

// Group is the API group, empty for core.
func (o Object) Group() string {
	if group, _, ok := strings.Cut(o.APIVersion, "/"); ok {
		return group
	}
	return ""
}

// Into decodes the object as strictly as the API server can: a misspelt field is an error that names its path.
func (o Object) Into(v any) error {
	strict, err := kjson.UnmarshalStrict(o.JSON, v)
	if err = errors.Join(append(strict, err)...); err != nil {
		return fmt.Errorf("%s: %s: %w", o.Source, o.Kind, err)
	}
	return nil
}

// Loosely decodes the fields that v has and leaves the others.
func (o Object) Loosely(v any) error {
	if err := json.Unmarshal(o.JSON, v); err != nil {
		return fmt.Errorf("%s: %s: %w", o.Source, o.Kind, err)
	}
	return nil
}

// ReadFiles reads the objects of files in order; "-" is stdin.
func ReadFiles(stdin io.Reader, files ...string) ([]Object, error) {
	var all []Object
	for _, file := range files {
		objects, err := readFile(stdin, file)
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

func readFile(stdin io.Reader, file string) ([]Object, error) {
	if file == "-" {
		return Read(stdin, "standard input")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, file)
}

// Read reads the objects of one stream; source names it in messages.
func Read(r io.Reader, source string) ([]Object, error) {
	var all []Object
	documents := utilyaml.NewYAMLReader(bufio.NewReader(r))
	for n := 1; ; n++ {
		text, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: document %d: %w", source, n, err)
		}
		objects, err := document(text, fmt.Sprintf("%s: document %d", source, n))
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
}

func document(text []byte, source string) ([]Object, error) {
	converted, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if bytes.Equal(converted, []byte("null")) {
		return nil, nil
	}
	return flatten(converted, source)
}

// flatten takes a List apart; whatever has items and a kind that ends in List is one.
func flatten(text []byte, source string) ([]Object, error) {
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Items           []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if !strings.HasSuffix(head.Kind, "List") {
		if head.Kind == "" {
			return nil, fmt.Errorf("%s: no kind", source)
		}
		return []Object{{TypeMeta: head.TypeMeta, Source: source, JSON: text}}, nil
	}
	var all []Object
	for i, item := range head.Items {
		item, err := named(item, head.TypeMeta)
		if err != nil {
			return nil, fmt.Errorf("%s: item %d: %w", source, i, err)
		}
		objects, err := flatten(item, fmt.Sprintf("%s: item %d", source, i))
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

// named gives an item the kind of its typed list, which the API server leaves out of items.
func named(item json.RawMessage, list metav1.TypeMeta) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(item, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, errors.New("is null")
	}
	kind := strings.TrimSuffix(list.Kind, "List")
	if _, ok := fields["kind"]; ok || kind == "" {
		return item, nil
	}
	fields["kind"], _ = json.Marshal(kind)
	fields["apiVersion"], _ = json.Marshal(list.APIVersion)
	return json.Marshal(fields)
}
