package trigger

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

// quantityNumber reads a quantity such as "1Ki" as a number.
func quantityNumber(text string) (float64, error) {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return 0, unusable("%q is not a quantity", clip(text))
	}
	return q.AsApproximateFloat64(), nil
}

// jsonNumber reads the number, or the quantity in a string, that a path of gjson leads to.
func jsonNumber(body []byte, path string) (float64, error) {
	switch r := gjson.GetBytes(body, path); r.Type {
	case gjson.Number:
		return r.Num, nil
	case gjson.String:
		return quantityNumber(r.Str)
	default:
		return 0, unusable("valueLocation %q leads to %s, which is no number", path, r.Type)
	}
}

// yamlNumber reads the number, or the quantity in a string, that a path of names and positions leads to.
func yamlNumber(body []byte, path string) (float64, error) {
	v, err := yamlValue(body, path)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case float64:
		return v, nil
	case string:
		return quantityNumber(v)
	}
	return 0, unusable("valueLocation %q leads to no number", path)
}

// yamlValue walks a path and stops at the first scalar that it meets, whatever is left of the path (S2).
func yamlValue(body []byte, path string) (any, error) {
	var v map[string]any
	if err := yaml.UnmarshalStrict(body, &v); err != nil {
		return nil, unusable("body: not a YAML map")
	}
	var at any = v
	for _, key := range strings.Split(path, ".") {
		var next any
		found := false
		switch in := at.(type) {
		case map[string]any:
			next, found = in[key]
		case []any:
			// The position is compared as text: "01" is no position.
			if i, err := strconv.Atoi(key); err == nil && 0 <= i && i < len(in) && fmt.Sprint(i) == key {
				next, found = in[i], true
			}
		}
		if !found {
			return nil, unusable("%q of valueLocation %q is not there", key, path)
		}
		switch next.(type) {
		case map[string]any, []any:
			at = next
		default:
			return next, nil
		}
	}
	return nil, unusable("valueLocation %q leads to no scalar", path)
}
