// Package document takes manifests apart as kubectl prints them, YAML or JSON, several documents and Lists, without a file
// or a stream: decision packages decode what they know of the objects it finds.
package document

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Object is one object of a manifest, not decoded yet.
type Object struct {
	metav1.TypeMeta        // what it is, from its list where it does not say
	Where           string // in the manifest, for messages: "document 2: items[1]"
	JSON            []byte // the object
}

// deepest is how many lists may stand in each other; kubectl writes one.
const deepest = 8

// Split finds the objects of a manifest in order; empty documents are passed over.
func Split(manifest []byte) ([]Object, error) {
	documents := utilyaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(manifest)))
	defer documents.Close()
	var all []Object
	buffer := make([]byte, len(manifest)+1)
	for n := 1; ; n++ {
		size, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err == nil {
			var text []byte
			// Not in one step: told the types, the YAML library would turn a number into a text where a text is wanted,
			// which the API server refuses.
			if text, err = yaml.YAMLToJSONStrict(buffer[:size]); err == nil {
				all, err = flatten(all, text, metav1.TypeMeta{}, fmt.Sprintf("document %d", n), 0)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
	}
}

func flatten(all []Object, text []byte, list metav1.TypeMeta, where string, depth int) ([]Object, error) {
	if bytes.Equal(text, []byte("null")) {
		return all, nil
	}
	if depth > deepest {
		return nil, errors.New("lists in lists without end")
	}
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Items           []stdjson.RawMessage `json:"items"`
	}
	if err := json.UnmarshalCaseSensitivePreserveInts(text, &head); err != nil {
		return nil, err
	}
	if head.Kind == "" {
		head.TypeMeta = list
	}
	if !strings.HasSuffix(head.Kind, "List") {
		return append(all, Object{TypeMeta: head.TypeMeta, Where: where, JSON: text}), nil
	}
	item := metav1.TypeMeta{Kind: strings.TrimSuffix(head.Kind, "List"), APIVersion: head.APIVersion}
	for i, text := range head.Items {
		var err error
		if all, err = flatten(all, text, item, fmt.Sprintf("%s: items[%d]", where, i), depth+1); err != nil {
			return nil, fmt.Errorf("items[%d]: %w", i, err)
		}
	}
	return all, nil
}

// One reads a manifest that holds one object.
func One(manifest []byte) (Object, error) {
	objects, err := Split(manifest)
	switch {
	case err != nil:
		return Object{}, err
	case len(objects) != 1:
		return Object{}, fmt.Errorf("want one object, not %d", len(objects))
	}
	return objects[0], nil
}

// Into decodes the object strictly, its status aside: a field that v does not have, or a value of the wrong type, is an
// error that names it. Status is what controllers write, and every release writes more; it is read as far as v has it.
func (o Object) Into(v any) error {
	var fields map[string]stdjson.RawMessage
	if err := json.UnmarshalCaseSensitivePreserveInts(o.JSON, &fields); err != nil {
		return o.wrap(err)
	}
	text := o.JSON
	if status, ok := fields["status"]; ok {
		delete(fields, "status")
		var err error
		if text, err = stdjson.Marshal(fields); err != nil {
			return o.wrap(err)
		}
		alone, err := stdjson.Marshal(map[string]stdjson.RawMessage{"status": status})
		if err == nil {
			err = json.UnmarshalCaseSensitivePreserveInts(alone, v)
		}
		if err != nil {
			return o.wrap(err)
		}
	}
	strict, err := json.UnmarshalStrict(text, v)
	return o.wrap(errors.Join(append(strict, err)...))
}

func (o Object) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", o.Where, o.Kind, err)
}
