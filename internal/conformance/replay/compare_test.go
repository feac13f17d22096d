package replay

import (
	"testing"

	"github.com/scalemath/scalemath/internal/conformance"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name      string
		compare   conformance.Comparison
		want, got string
		equal     bool
	}{
		{"absent, null and empty are one", conformance.Comparison{}, `{"a":1,"b":null,"c":"","d":[],"e":{}}`, `{"a":1}`, true},
		{"a list keeps its places", conformance.Comparison{}, `{"a":[null,1]}`, `{"a":[1]}`, false},
		{"integers to the letter", conformance.Comparison{}, `{"a":9223372036854775807}`, `{"a":9223372036854775806}`, false},
		{"fractions nearly", conformance.Comparison{}, `{"a":0.3}`, `{"a":0.30000000000000004}`, true},
		{"fractions not far", conformance.Comparison{}, `{"a":0.3}`, `{"a":0.300001}`, false},
		{"strings to the letter", conformance.Comparison{}, `{"a":"64000Ki"}`, `{"a":"65536000"}`, false},
		{"only the answer's fields", conformance.Comparison{Fields: []string{"a"}}, `{"a":1,"b":1}`, `{"a":1,"b":2}`, true},
		{"fields within lists", conformance.Comparison{Fields: []string{"s.a", "s.c"}}, `{"s":[{"a":1,"b":1,"c":3},{"a":2}]}`, `{"s":[{"a":1,"c":3},{"a":2,"b":5}]}`, true},
		{"a list's length counts", conformance.Comparison{Fields: []string{"s.a"}}, `{"s":[{"a":1},{"b":2}]}`, `{"s":[{"a":1}]}`, false},
		{"an error's presence", conformance.Comparison{Present: []string{"error"}}, `{"error":"this"}`, `{"error":"that"}`, true},
		{"an error's absence", conformance.Comparison{Present: []string{"error"}}, `{"error":"this"}`, `{}`, false},
		{"sets have no order", conformance.Comparison{Sets: []string{"m.*"}}, `{"m":{"x":[2,1]}}`, `{"m":{"x":[1,2]}}`, true},
		{"a crash wants an error", conformance.Comparison{}, `{"panic":"oops","a":1}`, `{"error":"no","a":2}`, true},
		{"a crash wants more than an answer", conformance.Comparison{}, `{"panic":"oops"}`, `{"a":2}`, false},
		{"a crash deep inside", conformance.Comparison{}, `{"s":[{"error":"PANIC: oops","x":1}]}`, `{"s":[{"error":"refused"}]}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			diff, err := Diff(c.compare, []byte(`{}`), []byte(c.want), []byte(c.got))
			if err != nil || (diff == "") != c.equal {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}
