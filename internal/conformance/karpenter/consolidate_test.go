package karpenter

import (
	"encoding/json"
	"testing"
)

const small = `{"id":"x","instanceTypes":[{"name":"t","capacity":{"cpu":"4","memory":"8Gi","pods":"10"},"offerings":[{"zone":"a","capacityType":"on-demand","price":1}]}],
"nodePools":[{"metadata":{"name":"p"},"spec":{"template":{"spec":{}},"disruption":{"consolidateAfter":"0s","budgets":[{"nodes":"50%"}]}}}],
"nodes":[{"name":"n0","nodePool":"p","instanceType":"t","zone":"a","capacityType":"on-demand"},{"name":"n1","nodePool":"p","instanceType":"t","zone":"a","capacityType":"on-demand"}]}`

func TestConsolidateAnswers(t *testing.T) {
	a, err := consolidate([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a.Line)
	want := `{"id":"x","candidateCounts":{"emptiness":2,"multi":0,"single":0},"budgets":{"emptiness":{"p":1},"multi":{"p":1},"single":{"p":1}},` +
		`"commands":[{"method":"emptiness","decision":"delete","candidates":["n0"],"estimatedSavings":1}]}`
	if err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
}

func FuzzConsolidate(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"nodes":[{"name":"n","pods":[null]}]}`))
	f.Add([]byte(`{"nodePools":[null],"instanceTypes":[{}],"pdbs":[{"spec":{"selector":{"matchExpressions":[{"operator":"x"}]}}}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := consolidate(line)
		if err != nil {
			return
		}
		if _, err := json.Marshal(a.Line); err != nil {
			t.Fatal(err)
		}
	})
}
