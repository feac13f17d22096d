package trigger

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
	corev1 "k8s.io/api/core/v1"
)

// KubernetesResource is the trigger kubernetes-resource: a number in a key of a ConfigMap or of a Secret.
type KubernetesResource struct {
	metric
	// Namespace is the namespace of the resource, the object's own.
	Namespace string
	// Kind is ConfigMap or Secret.
	Kind string
	// Name is the resource's name.
	Name string
	// Key is the key in the resource's data.
	Key string
	// Format is number, json or yaml.
	Format string
	// ValueLocation is the path to the number in JSON or YAML.
	ValueLocation string
	// ValueType is float64, int64 or quantity.
	ValueType string
	// TargetValue is the target.
	TargetValue float64
	// ActivationTargetValue is what the number must exceed for the trigger to be active.
	ActivationTargetValue float64
}

func newKubernetesResource(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &KubernetesResource{
		Namespace: cfg.Namespace, Kind: p.choice("", []string{"ConfigMap", "Secret"}, written, "resourceKind"),
		Name: p.need(written, "resourceName"), Key: p.need(written, "key"),
		Format:        p.choice("number", []string{"number", FormatJSON, FormatYAML}, written, "format"),
		ValueLocation: p.text(written, "valueLocation"),
		ValueType:     p.choice("float64", []string{"float64", "int64", "quantity"}, written, "valueType"),
		TargetValue:   p.needFloat("targetValue"), ActivationTargetValue: p.float("activationTargetValue", 0),
	}
	if t.Kind == "" {
		p.missing("resourceKind")
	}
	if t.TargetValue <= 0 && !cfg.ScalingModifiers && len(p.errs) == 0 {
		p.fail("metadata.targetValue", "%v is not greater than 0", t.TargetValue)
	}
	switch t.Format {
	case "number":
		if t.ValueLocation != "" {
			p.fail("metadata.valueLocation", "for the formats json and yaml alone")
		}
	case FormatJSON, FormatYAML:
		if t.ValueLocation == "" {
			p.missing("valueLocation")
		}
	}
	return t, p.metric(&t.metric, strings.ToLower(t.Kind)+"-"+t.Name+"-"+t.Key, Quantity(t.TargetValue), t.ActivationTargetValue)
}

// ReadConfigMap is the reading of a ConfigMap.
func (t *KubernetesResource) ReadConfigMap(c *corev1.ConfigMap) (Reading, error) {
	if t.Kind != "ConfigMap" || c == nil {
		return Reading{}, unusable("a %s is wanted", t.Kind)
	}
	text, ok := c.Data[t.Key]
	if !ok {
		return Reading{}, unusable("key %q is not there", t.Key)
	}
	return t.Read(text)
}

// ReadSecret is the reading of a Secret. Its text is never a part of the error.
func (t *KubernetesResource) ReadSecret(s *corev1.Secret) (Reading, error) {
	if t.Kind != "Secret" || s == nil {
		return Reading{}, unusable("a %s is wanted", t.Kind)
	}
	text, ok := s.Data[t.Key]
	if !ok {
		return Reading{}, unusable("key %q is not there", t.Key)
	}
	r, err := t.Read(string(text))
	if err != nil {
		return Reading{}, unusable("key %q does not hold a number in format %s", t.Key, t.Format)
	}
	return r, nil
}

// Read is the reading of the key's text (S10).
func (t *KubernetesResource) Read(text string) (Reading, error) {
	var x float64
	var err error
	switch t.Format {
	case "number":
		x, err = t.prefix(text)
	case FormatJSON:
		x, err = t.json(text)
	case FormatYAML:
		x, err = t.yaml(text)
	default:
		err = unusable("format %q is not one", t.Format)
	}
	if err != nil {
		return Reading{}, err
	}
	return t.Judge(x), nil
}

// prefix scans a number off the front of a text and ignores what follows: "12abc" is 12.
func (t *KubernetesResource) prefix(text string) (float64, error) {
	switch t.ValueType {
	case "int64":
		var n int64
		if _, err := fmt.Sscanf(text, "%d", &n); err != nil {
			return 0, unusable("%q does not begin with an integer", clip(text))
		}
		return float64(n), nil
	case "float64":
		return scanFloat(text)
	case "quantity":
		return quantityNumber(text)
	}
	return 0, unusable("valueType %q is not one", t.ValueType)
}

func scanFloat(text string) (float64, error) {
	var x float64
	if _, err := fmt.Sscanf(text, "%f", &x); err != nil {
		return 0, unusable("%q does not begin with a number", clip(text))
	}
	return x, nil
}

func (t *KubernetesResource) json(text string) (float64, error) {
	r := gjson.Get(text, t.ValueLocation)
	switch {
	case !r.Exists():
		return 0, unusable("valueLocation %q leads nowhere", t.ValueLocation)
	case r.Type == gjson.Number && t.ValueType == "int64":
		return float64(r.Int()), nil
	case r.Type == gjson.Number:
		return r.Num, nil
	case r.Type == gjson.String && t.ValueType != "int64":
		return quantityNumber(r.Str)
	}
	return 0, unusable("valueLocation %q leads to %s, which is no %s", t.ValueLocation, r.Type, t.ValueType)
}

func (t *KubernetesResource) yaml(text string) (float64, error) {
	v, err := yamlValue([]byte(text), t.ValueLocation)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case float64:
		return v, nil
	case string:
		if t.ValueType == "quantity" {
			return quantityNumber(v)
		}
		return scanFloat(v)
	}
	return 0, unusable("valueLocation %q leads to no number", t.ValueLocation)
}
