package kube_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/binpack/kube"
)

// values is the universe of the set model: integers around all bounds drawn, words, and a value that no requirement
// names, which stands for all the others.
var values = func() []string {
	out := []string{"a", "b", "", "01", "never-named", "9223372036854775807"}
	for i := -4; i <= 12; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}()

// model is a requirement as the plain set of the values that it allows.
type model map[string]bool

func modelOf(op kube.Operator, given []string) model {
	m := model{}
	for _, v := range values {
		in := false
		for _, g := range given {
			in = in || g == v
		}
		n, err := strconv.ParseInt(v, 10, 64)
		bound := int64(0)
		if len(given) == 1 {
			bound, _ = strconv.ParseInt(given[0], 10, 64)
		}
		switch op {
		case kube.In:
			m[v] = in
		case kube.NotIn:
			m[v] = !in
		case kube.Exists:
			m[v] = true
		case kube.DoesNotExist:
			m[v] = false
		case kube.Gt:
			m[v] = err == nil && n > bound
		case kube.Lt:
			m[v] = err == nil && n < bound
		case kube.Gte:
			m[v] = err == nil && n >= bound
		case kube.Lte:
			m[v] = err == nil && n <= bound
		}
	}
	return m
}

func (m model) and(o model) model {
	out := model{}
	for _, v := range values {
		out[v] = m[v] && o[v]
	}
	return out
}

func (m model) empty() bool {
	for _, v := range values {
		if m[v] {
			return false
		}
	}
	return true
}

// drawn is a requirement with its model, possibly the intersection of several.
func drawn(t *rapid.T, name string) (kube.Requirement, model) {
	n := rapid.IntRange(1, 3).Draw(t, name+" parts")
	var r kube.Requirement
	var m model
	for i := range n {
		op := rapid.SampledFrom([]kube.Operator{kube.In, kube.NotIn, kube.Exists, kube.DoesNotExist, kube.Gt, kube.Lt, kube.Gte, kube.Lte}).Draw(t, name)
		var given []string
		switch op {
		case kube.In, kube.NotIn:
			given = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "", "01", "-4", "0", "1", "2", "3", "7", "12"}), 0, 5).Draw(t, name+" values")
		case kube.Gt, kube.Lt, kube.Gte, kube.Lte:
			given = []string{strconv.Itoa(rapid.OneOf(rapid.IntRange(-3, 11), rapid.SampledFrom([]int{math.MinInt64, math.MaxInt64})).Draw(t, name+" bound"))}
		}
		next, err := kube.NewRequirement("k", op, given...)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			r, m = next, modelOf(op, given)
		} else {
			r, m = r.Intersect(next), m.and(modelOf(op, given))
		}
	}
	return r, m
}

func same(t *rapid.T, what string, r kube.Requirement, m model) {
	for _, v := range values {
		if r.Has(v) != m[v] {
			t.Fatalf("%s: %v has %q: %v, the set model says %v", what, r, v, r.Has(v), m[v])
		}
	}
}

func TestRequirementsFormAnAlgebraOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, ma := drawn(t, "a")
		b, mb := drawn(t, "b")
		c, mc := drawn(t, "c")
		same(t, "a", a, ma)
		same(t, "a and b", a.Intersect(b), ma.and(mb))
		same(t, "all three", a.Intersect(b).Intersect(c), ma.and(mb).and(mc))
		if !a.Intersect(b).Equal(b.Intersect(a)) {
			t.Fatalf("not commutative: %v, %v", a.Intersect(b), b.Intersect(a))
		}
		if x, y := a.Intersect(b).Intersect(c), a.Intersect(b.Intersect(c)); !x.Equal(y) {
			t.Fatalf("not associative: %v, %v", x, y)
		}
		// Idempotent as a set: what was excluded outside of the bounds is forgotten by the first intersection.
		if x := a.Intersect(a); !x.Equal(x.Intersect(a)) {
			t.Fatalf("not idempotent: %v, %v", x, x.Intersect(a))
		}
		if a.Intersects(b) != b.Intersects(a) {
			t.Fatalf("%v and %v: intersects one way only", a, b)
		}
		meets := !ma.and(mb).empty()
		if a.Complement() && b.Complement() {
			_, _, bounded := a.Intersect(b).Bounds()
			if !a.Intersects(b) && (meets || bounded) || meets && !a.Intersects(b) {
				t.Fatalf("%v and %v: open sets must meet unless bounds cross", a, b)
			}
		} else if a.Intersects(b) != meets {
			t.Fatalf("%v and %v: intersects %v, the set model says %v", a, b, a.Intersects(b), meets)
		}
		if a.Intersects(b) != (a.Intersect(b).Len() > 0) {
			t.Fatalf("%v and %v: intersects %v, but the intersection is %v", a, b, a.Intersects(b), a.Intersect(b))
		}
	})
}

func TestOperatorReadsBack(t *testing.T) {
	for _, c := range []struct {
		op     kube.Operator
		values []string
		want   kube.Operator
		text   string
	}{
		{kube.In, []string{"b", "a", "b"}, kube.In, "k In [a b]"},
		{kube.In, nil, kube.DoesNotExist, "k DoesNotExist"},
		{kube.NotIn, []string{"a"}, kube.NotIn, "k NotIn [a]"},
		{kube.NotIn, nil, kube.Exists, "k Exists"},
		{kube.Exists, nil, kube.Exists, "k Exists"},
		{kube.DoesNotExist, nil, kube.DoesNotExist, "k DoesNotExist"},
		{kube.Gt, []string{"4"}, kube.Exists, "k Exists >=5"},
		{kube.Lt, []string{"4"}, kube.Exists, "k Exists <=3"},
		{kube.Gte, []string{"4"}, kube.Exists, "k Exists >=4"},
		{kube.Lte, []string{"4"}, kube.Exists, "k Exists <=4"},
		{kube.Gt, []string{strconv.Itoa(math.MaxInt64)}, kube.DoesNotExist, "k DoesNotExist"},
		{kube.Lt, []string{strconv.Itoa(math.MinInt64)}, kube.DoesNotExist, "k DoesNotExist"},
		{kube.In, []string{"1", "2", "3", "4", "5", "6", "7"}, kube.In, "k In [1 2 3 4 5 and 2 others]"},
	} {
		r, err := kube.NewRequirement("k", c.op, c.values...)
		if err != nil {
			t.Fatal(err)
		}
		if r.Operator() != c.want || r.String() != c.text {
			t.Errorf("%s %q reads %s, %q; want %s, %q", c.op, c.values, r.Operator(), r, c.want, c.text)
		}
	}
}

func TestRequirementRefusesNonsense(t *testing.T) {
	for _, c := range []struct {
		op     kube.Operator
		values []string
	}{
		{"Like", []string{"a"}}, {kube.Exists, []string{"a"}}, {kube.DoesNotExist, []string{"a"}}, {kube.Gt, nil},
		{kube.Gt, []string{"1", "2"}}, {kube.Lt, []string{"x"}}, {kube.Gte, []string{"1.5"}}, {kube.Lte, []string{"9223372036854775808"}},
	} {
		if r, err := kube.NewRequirement("k", c.op, c.values...); !errors.Is(err, kube.ErrInvalid) {
			t.Errorf("%s %q: %v, %v", c.op, c.values, r, err)
		}
	}
}

func must(t testing.TB, key string, op kube.Operator, values ...string) kube.Requirement {
	t.Helper()
	r, err := kube.NewRequirement(key, op, values...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCompatible(t *testing.T) {
	wellKnown := func(key string) bool { return key == "zone" }
	node := kube.NewRequirements(must(t, "arch", kube.In, "amd64"), must(t, "gone", kube.DoesNotExist), must(t, "not", kube.NotIn, "x"))
	for _, c := range []struct {
		want     kube.Requirement
		open     func(string) bool
		conflict string
	}{
		{must(t, "arch", kube.In, "amd64", "arm64"), nil, ""},
		{must(t, "arch", kube.In, "arm64"), nil, "arch In [arm64] demanded, arch In [amd64] offered"},
		{must(t, "zone", kube.In, "a"), nil, "zone In [a] demanded, but the label is undefined"},
		{must(t, "zone", kube.In, "a"), wellKnown, ""},
		{must(t, "team", kube.In, "a"), wellKnown, "team In [a] demanded, but the label is undefined"},
		{must(t, "team", kube.Exists), wellKnown, "team Exists demanded, but the label is undefined"},
		{must(t, "team", kube.NotIn, "a"), nil, ""},
		{must(t, "team", kube.DoesNotExist), nil, ""},
		{must(t, "gone", kube.NotIn, "a"), nil, ""},
		{must(t, "gone", kube.Exists), nil, "gone Exists demanded, gone DoesNotExist offered"},
		{must(t, "not", kube.DoesNotExist), nil, ""},
		{must(t, "not", kube.In, "x"), nil, "not In [x] demanded, not NotIn [x] offered"},
	} {
		if got := node.Compatible(kube.NewRequirements(c.want), c.open); got.String() != c.conflict {
			t.Errorf("%v: %q, want %q", c.want, got, c.conflict)
		}
	}
}

func TestRequirementsKeepTheirReceiver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []kube.Requirement
		for _, key := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 0, 6).Draw(t, "keys") {
			r, err := kube.NewRequirement(key, kube.NotIn, rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 2).Draw(t, "values")...)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		half := len(all) / 2
		first := kube.NewRequirements(all[:half]...)
		before := first.String()
		both := first.With(all[half:]...)
		if first.String() != before {
			t.Fatalf("the receiver changed from %s to %s", before, first)
		}
		if !both.Equal(kube.NewRequirements(all...)) {
			t.Fatalf("%v in two steps, %v in one", both, kube.NewRequirements(all...))
		}
	})
}

// The larger demand stays, in whatever order requirements meet, and it decides nothing about which values are allowed.
func TestMinValuesIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sets []kube.Requirement
		most := 0
		for range 3 {
			r, _ := drawn(t, "r")
			n := rapid.IntRange(-1, 6).Draw(t, "minValues")
			most = max(most, n)
			sets = append(sets, r.WithMinValues(n))
		}
		a, b, c := sets[0], sets[1], sets[2]
		left, right := a.Intersect(b).Intersect(c), c.Intersect(a.Intersect(b))
		if left.MinValues() != most || !left.Equal(right) {
			t.Fatalf("%v, %v, %v: %v and %v, the largest minValues is %d", a, b, c, left, right, most)
		}
		if plain := a.WithMinValues(0).Intersect(b).Intersect(c.WithMinValues(0)); !plain.WithMinValues(0).Equal(left.WithMinValues(0)) {
			t.Fatalf("with minValues %v, without %v", left, plain)
		}
		if a.Intersects(b) != a.WithMinValues(0).Intersects(b.WithMinValues(0)) {
			t.Fatalf("%v and %v meet depending on minValues", a, b)
		}
	})
}

// How many candidates are needed is found by trying every number of them.
func TestMinValuesByTrying(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "candidates")
		offers := map[string][][]string{}
		var reqs kube.Requirements
		for _, key := range []string{"family", "size", "free"} {
			for range n {
				offers[key] = append(offers[key], rapid.SliceOfN(rapid.SampledFrom([]string{"c", "m", "r"}), 0, 2).Draw(t, key))
			}
			reqs = reqs.With(exists(t, key).WithMinValues(rapid.IntRange(0, 4).Draw(t, key+" minValues")))
		}
		distinct := func(key string, k int) int {
			seen := map[string]bool{}
			for _, list := range offers[key][:k] {
				for _, v := range list {
					seen[v] = true
				}
			}
			return len(seen)
		}
		want, enough := n, false
		for k := 0; k <= n && !enough; k++ {
			enough = true
			for _, r := range reqs.All() {
				enough = enough && distinct(r.Key(), k) >= r.MinValues()
			}
			want = k
		}
		needed, ok, short := reqs.MinValues(n, func(i int, key string) []string { return offers[key][i] })
		if needed != want || ok != enough {
			t.Fatalf("%v: %d needed, %v; by trying %d, %v", reqs, needed, ok, want, enough)
		}
		for _, r := range reqs.All() {
			lacks := distinct(r.Key(), n) < r.MinValues()
			i := slices.IndexFunc(short, func(s kube.Requirement) bool { return s.Key() == r.Key() })
			if lacks != (i >= 0) || lacks && short[i].MinValues() != distinct(r.Key(), n) {
				t.Fatalf("%v has %d distinct values; short: %v", r, distinct(r.Key(), n), short)
			}
		}
	})
}

func exists(t *rapid.T, key string) kube.Requirement {
	r, err := kube.NewRequirement(key, kube.Exists)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMinValues(t *testing.T) {
	types := [][]string{{"c"}, {"c"}, {"m"}, {"r"}}
	family := func(i int, _ string) []string { return types[i] }
	reqs := kube.NewRequirements(must(t, "family", kube.Exists).WithMinValues(2))
	if needed, ok, _ := reqs.MinValues(4, family); needed != 3 || !ok {
		t.Errorf("two families are there after 3 types, not %d (%v)", needed, ok)
	}
	reqs = kube.NewRequirements(must(t, "family", kube.Exists).WithMinValues(4))
	needed, ok, short := reqs.MinValues(4, family)
	if needed != 4 || ok || len(short) != 1 || short[0].MinValues() != 3 {
		t.Errorf("four families of three: %d, %v, %v", needed, ok, short)
	}
}
