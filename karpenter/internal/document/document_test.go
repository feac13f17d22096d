package document_test

import (
	"strings"
	"testing"

	"github.com/scalemath/scalemath/karpenter/internal/document"
)

func TestSplit(t *testing.T) {
	objects, err := document.Split([]byte(`# a comment
---
{apiVersion: v1, kind: Pod}
---
---
apiVersion: v1
kind: List
items:
- {apiVersion: a/v1, kind: A}
- {apiVersion: b/v1, kind: BList, items: [{}, {kind: C}]}
- null
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range objects {
		got = append(got, o.APIVersion+" "+o.Kind+" at "+o.Where)
	}
	const want = "v1 Pod at document 2; a/v1 A at document 3: items[0]; b/v1 B at document 3: items[1]: items[0]; C at document 3: items[1]: items[1]"
	if text := strings.ReplaceAll(strings.Join(got, "; "), ";  ", "; "); text != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}

func TestIntoIsStrictButForStatus(t *testing.T) {
	for manifest, want := range map[string]string{
		`{kind: T, spec: {A: 1}, status: {B: 2, other: 3}}`: "",
		`{kind: T, spec: {A: 1, other: 3}}`:                 `document 1: T: unknown field "spec.other"`,
		`{kind: T, spec: {a: 1}}`:                           `document 1: T: unknown field "spec.a"`,
		`{kind: T, status: {B: x}}`:                         "document 1: T: json: cannot unmarshal string",
	} {
		o, err := document.One([]byte(manifest))
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Kind   string          `json:"kind"`
			Spec   struct{ A int } `json:"spec"`
			Status struct{ B int } `json:"status"`
		}
		err = o.Into(&v)
		if want == "" && (err != nil || v.Spec.A != 1 || v.Status.B != 2) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v; want %s", manifest, err, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("kind: List\nitems: [{kind: A}, null, 3]\n")
	f.Add(`{"kind":"List","items":[{"kind":"List","items":[{"kind":"List","items":[{}]}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		objects, err := document.Split([]byte(text))
		if err != nil {
			return
		}
		for _, o := range objects {
			var v struct{ Status struct{} }
			_ = o.Into(&v)
		}
	})
}
