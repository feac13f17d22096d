package proportional

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/internal/conformance"
)

// TestBadQuestions refuses what the protocol refuses, and no more.
func TestBadQuestions(t *testing.T) {
	for _, c := range []struct{ kind, question, want string }{
		{"cpa", `x`, "invalid character"},
		{"cpa", `[]`, "cannot unmarshal array"},
		{"cpa", `{}`, `no kind ""`},
		{"cpa", `{"kind":"cpva"}`, `no kind "cpva"`},
		{"cpa", `{"kind":"linear","id":"a"}`, "id"},
		{"cpa", `{"kind":"linear","data":[]}`, "data"},
		{"cpa", `{"kind":"linear","data":{"linear":{}}}`, "data"},
		{"cpa", `{"kind":"linear","status":{"totalNodes":3000000000}}`, "status.totalNodes"},
		{"cpa", `{"kind":"sequence","steps":[{"version":1}]}`, "version"},
		{"cpa", `{"kind":"status","nodes":[{"cpu":"one"}]}`, "quantities"},
		{"cpa", `{"kind":"status","nodes":[{"cpu":"1","capacityCpu":""}]}`, "quantities"},
		{"cpa", `{"kind":"status","nodes":[{"unschedulable":"true"}]}`, "unschedulable"},
		{"cpva", `{"kind":"linear"}`, `no kind "linear"`},
		{"cpva", `{"kind":"cpva","config":{"base":"x"}}`, "quantities"},
		{"cpva", `{"kind":"cpva","nodes":1.5}`, "nodes"},
		{"cpva", `{"kind":"cpva-size","nodesIn":[{"cpu":true}]}`, "quantities"},
	} {
		if _, err := ask(t, c.kind, c.question); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not say %q", c.question, err, c.want)
		}
	}
}

// TestAnswers shows the form of answers, and that answer fields of the question are not read.
func TestAnswers(t *testing.T) {
	for _, c := range []struct{ kind, question, want string }{
		{"cpa", `{"kind":"ladder","id":0,"data":{"ladder":"{}"},"replicas":"x","error":7}`, `{"kind":"ladder","id":0,"replicas":0}`},
		{"cpa", `{"kind":"malformed"}`, `{"kind":"malformed","error":"invalid config: data must have exactly one entry, linear or ladder, but has 0 ()"}`},
		{"cpa", `{"kind":"sequence","id":2,"steps":[{"data":{"ladder":"{}"},"controller":1},null]}`,
			`{"kind":"sequence","id":2,"steps":[{"replicas":0,"controller":"ladder"},{"replicas":0,"controller":"ladder"}]}`},
		{"cpa", `{"kind":"status","id":1,"status":"ignored","nodes":[{"cpu":"1500m","ready":"True"}]}`,
			`{"kind":"status","id":1,"status":{"schedulableNodes":1,"totalNodes":1,"schedulableCores":2,"totalCores":2}}`},
		{"cpa", `{"kind":"status","selector":"a in"}`, `{"kind":"status","error":"selector: unable to parse requirement: found '' expected: '('"}`},
		{"cpva", `{"kind":"cpva","milli":"x"}`, `{"kind":"cpva","milli":0}`},
		{"cpva", `{"kind":"cpva","config":{"base":"9Ei"}}`, `{"kind":"cpva","error":"config: base: 9223372036854775807 is out of range: does not fit 64 bits in thousandths"}`},
		{"cpva", `{"kind":"cpva-size","nodes":"x","cores":"x"}`, `{"kind":"cpva-size","nodes":0,"cores":0}`},
	} {
		answer, err := ask(t, c.kind, c.question)
		if err != nil {
			t.Errorf("%s: %v", c.question, err)
			continue
		}
		line, err := json.Marshal(answer.Line)
		if err != nil || string(line) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.question, line, err, c.want)
		}
		if answer.Explain != nil {
			var out bytes.Buffer
			if err := answer.Explain(&out); err != nil || out.Len() == 0 {
				t.Errorf("%s: explained as %q, %v", c.question, out.String(), err)
			}
		}
	}
}

func ask(t *testing.T, kind, question string) (conformance.Answer, error) {
	t.Helper()
	k, err := System().Find(kind)
	if err != nil {
		t.Fatal(err)
	}
	return k.Answer([]byte(question))
}
