package proportional_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	"github.com/scalemath/scalemath/proportional"
)

func TestV1Cores(t *testing.T) {
	for _, c := range []struct {
		cpus            []string
		cores           int64
		upstream, fixed bool // whether there is an answer
	}{
		{nil, 0, true, true},
		{[]string{"4", "2"}, 6, true, true},
		{[]string{"4000m", "2"}, 6, true, true},
		{[]string{"500m", "500m", "2"}, 3, false, true},
		{[]string{"1500u"}, 1, false, true},
		{[]string{"2k"}, 2000, true, true},
		{[]string{"9Ei", "1"}, 0, false, false},
	} {
		var nodes []*corev1.Node
		for _, cpu := range c.cpus {
			nodes = append(nodes, node("a", cpu, false))
		}
		for _, p := range []struct {
			profile proportional.VerticalProfile
			ok      bool
		}{{proportional.UpstreamVertical(), c.upstream}, {proportional.FixedVertical(), c.fixed}} {
			got, err := proportional.VerticalSizeOf(append(nodes, nil), p.profile)
			if p.ok && (err != nil || got.Cores != c.cores || got.Nodes != int64(len(c.cpus))) {
				t.Errorf("%v: %v, %v", c.cpus, got, err)
			}
			if !p.ok && !errors.Is(err, proportional.ErrInvalid) {
				t.Errorf("%v: %v, %v", c.cpus, got, err)
			}
		}
	}
}

// TestV2ToV4 goes through the arithmetic.
func TestV2ToV4(t *testing.T) {
	for _, c := range []struct {
		rule, text   string
		nodes, cores int64
		want         int64
	}{
		{"V2 per 0", `{"base":"20m","step":"10m"}`, 9, 9, 20},
		{"V2 per 1", `{"base":"20m","step":"10m","nodesPerStep":1}`, 9, 0, 110},
		{"V2 begun steps", `{"base":"20m","step":"10m","nodesPerStep":4}`, 9, 0, 50},
		{"V2 rounded up to thousandths", `{"base":"1500u"}`, 9, 9, 2},
		{"V3 larger", `{"step":"10m","nodesPerStep":4,"coresPerStep":2}`, 9, 36, 180},
		{"V3 max", `{"step":"10m","nodesPerStep":4,"coresPerStep":2,"max":"100m"}`, 9, 36, 100},
		{"V3 max 0 is none", `{"step":"10m","coresPerStep":2,"max":"0"}`, 9, 36, 180},
		{"V4 base above max", `{"base":"1","max":"1m"}`, 9, 36, 1},
		{"V4 negative per", `{"step":"250m","nodesPerStep":-2}`, 47, 0, 0},
		{"V4 negative per and step", `{"base":"1","step":"-250m","nodesPerStep":-2}`, 47, 0, 1000 + 250*22},
		{"V4 wraps", `{"base":"1","step":"8P","nodesPerStep":1,"coresPerStep":1}`, 2, 2, math.MinInt64 + (16_000_000_000_000_001_000 - math.MaxInt64 - 1)},
	} {
		policy := compile(t, c.text)
		o, err := policy.Milli(proportional.VerticalSize{Nodes: c.nodes, Cores: c.cores})
		if err != nil || o.Milli != c.want {
			t.Errorf("%s: %s at %d nodes, %d cores: %v, %v; want %d", c.rule, c.text, c.nodes, c.cores, o, err, c.want)
		}
	}
}

// TestV4OutOfRange refuses at which upstream crashes.
func TestV4OutOfRange(t *testing.T) {
	for _, s := range []proportional.Scale{
		{Base: resource.MustParse("9Ei")}, {Max: resource.MustParse("10P")}, {Step: resource.MustParse("9223372036854776")},
		{Base: resource.MustParse("9223372036854775.5")},
	} {
		if _, err := s.Compile(proportional.UpstreamVertical()); !errors.Is(err, proportional.ErrOutOfRange) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	s := proportional.Scale{Base: resource.MustParse("9223372036854775")}
	if _, err := s.Compile(proportional.UpstreamVertical()); err != nil {
		t.Error(err)
	}
}

func TestFixedVertical(t *testing.T) {
	for text, want := range map[string]string{
		`{"base":"-1"}`:                       "base: -1 is negative",
		`{"step":"1","coresPerStep":-2}`:      "coresPerStep: -2 is negative",
		`{"step":"1","nodesPerStep":-2}`:      "nodesPerStep: -2 is negative",
		`{"base":"2","max":"1"}`:              "base: 2 is above max 1",
		`{"step":"1"}`:                        "step: 1 is never taken",
		`{"base":"-9Ei"}`:                     "base: -9223372036854775807 is out of range",
		`{"base":"1","step":"1","max":"900"}`: "step: 1 is never taken",
	} {
		var s proportional.Scale
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Compile(proportional.FixedVertical()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := s.Compile(proportional.UpstreamVertical()); err != nil {
			t.Errorf("%s: upstream takes it: %v", text, err)
		}
	}
	s := proportional.Scale{Step: resource.MustParse("8P"), NodesPerStep: 1}
	policy, err := s.Compile(proportional.FixedVertical())
	if err != nil {
		t.Fatal(err)
	}
	if o, err := policy.Milli(proportional.VerticalSize{Nodes: 2}); !errors.Is(err, proportional.ErrOutOfRange) {
		t.Errorf("%v, %v", o, err)
	}
}

// TestVerticalAgainstExactArithmetic compares the answer, and whether it wrapped, with integers without bounds.
func TestVerticalAgainstExactArithmetic(t *testing.T) {
	amount := rapid.OneOf(rapid.Int64Range(0, 1e6), rapid.Int64Range(math.MinInt64/1000, math.MaxInt64/1000))
	per := rapid.Int64Range(-3, 100)
	rapid.Check(t, func(t *rapid.T) {
		base, step, bound := amount.Draw(t, "base"), amount.Draw(t, "step"), amount.Draw(t, "max")
		s := proportional.Scale{
			Base: *resource.NewQuantity(base, resource.DecimalSI), Step: *resource.NewQuantity(step, resource.DecimalSI),
			Max:          *resource.NewQuantity(bound, resource.DecimalSI),
			CoresPerStep: per.Draw(t, "coresPerStep"), NodesPerStep: per.Draw(t, "nodesPerStep"),
		}
		of := proportional.VerticalSize{Nodes: rapid.Int64Range(0, 5000).Draw(t, "nodes"), Cores: rapid.Int64Range(0, 40000).Draw(t, "cores")}
		policy, err := s.Compile(proportional.UpstreamVertical())
		if err != nil {
			t.Fatal(err)
		}
		fits := true
		share := func(n, per int64) int64 {
			steps := int64(0)
			switch {
			case per == 1:
				steps = n
			case per != 0:
				steps = (n + per - 1) / per
			}
			exact := new(big.Int).Mul(big.NewInt(step*1000), big.NewInt(steps))
			fits = fits && exact.IsInt64()
			exact.Add(exact, big.NewInt(base*1000))
			fits = fits && exact.IsInt64()
			milli := base*1000 + step*1000*steps
			if bound > 0 && milli > bound*1000 {
				milli = bound * 1000
			}
			return milli
		}
		want := max(share(of.Cores, s.CoresPerStep), share(of.Nodes, s.NodesPerStep))
		o, err := policy.Milli(of)
		if err != nil || o.Milli != want || o.Wrapped == fits {
			t.Fatalf("%+v, %v; want %d, fits: %v", o, err, want, fits)
		}
	})
}

// TestV5Formats are swapped, unless the usual ones are asked for.
func TestV5Formats(t *testing.T) {
	containers, err := proportional.ParseContainers([]byte(`{"a":{"requests":{"memory":{"base":"8Mi"},"storage":{"base":"1Gi"},"cpu":{"base":"2048"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, profile := range map[string]proportional.VerticalProfile{
		"a requests.cpu 2Ki, a requests.memory 8388608, a requests.storage 1073741824": proportional.UpstreamVertical(),
		"a requests.cpu 2048, a requests.memory 8Mi, a requests.storage 1Gi":           {UsualFormat: true},
	} {
		d, _, err := proportional.DecideVertical(proportional.VerticalConfig{Profile: profile, Default: containers}, proportional.VerticalInput{}, proportional.VerticalState{})
		if err != nil || d.String() != want {
			t.Errorf("%v, %v; want %s", d, err, want)
		}
	}
}

// TestV6ToV8 follows a config file over several polls.
func TestV6ToV8(t *testing.T) {
	base, err := proportional.ParseContainers([]byte(`{"a":{"requests":{"cpu":{"base":"1"},"memory":{"base":"1M"}}},"b":{"limits":{"cpu":{"base":"2"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	cfg := proportional.VerticalConfig{Default: base}
	file := func(id, text string) *proportional.VerticalFile {
		return &proportional.VerticalFile{ID: id, Text: text}
	}
	const defaults = "a requests.cpu 1, a requests.memory 1M, b limits.cpu 2"
	var st proportional.VerticalState
	for i, step := range []struct {
		why   string
		file  *proportional.VerticalFile
		write bool
		want  string
		fails bool
	}{
		{"V8 a bad file ends the poll", file("1", `{`), false, "nothing is written: invalid config: unexpected end of JSON input", true},
		{"V8 and next time the default config alone is used", file("1", `{`), true, defaults, false},
		{"V6 equal results are not written", file("1", `{`), false, "nothing to write: " + defaults, false},
		{"V8 an edit in place is not seen", file("1", `{"a":{}}`), false, "nothing to write: " + defaults, false},
		{"V7 a container replaces the default one as a whole", file("2", `{"a":{"requests":{"cpu":{"base":"3"}}}}`), true, "a requests.cpu 3, b limits.cpu 2", false},
		{"V8 a bad file ends the poll", file("3", `{"a":1}`), false, "nothing is written: invalid config: json: cannot unmarshal number into Go value of type proportional.ContainerScales", true},
		{"V8 and the old config goes on", file("3", `{"a":1}`), false, "nothing to write: a requests.cpu 3, b limits.cpu 2", false},
		{"V8 an empty file changes nothing", file("4", ``), false, "nothing to write: a requests.cpu 3, b limits.cpu 2", false},
		{"V4 a quantity out of range", file("5", `{"a":{"limits":{"cpu":{"base":"9Ei"}}}}`), false,
			"nothing is written: a.limits.cpu: base: 9223372036854775807 is out of range: does not fit 64 bits in thousandths", true},
	} {
		// A restart between any two polls changes nothing.
		text, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		st = proportional.VerticalState{}
		if err := json.Unmarshal(text, &st); err != nil {
			t.Fatal(err)
		}
		d, next, err := proportional.DecideVertical(cfg, proportional.VerticalInput{File: step.file}, st)
		if err != nil || d.Write != step.write || d.String() != step.want || (d.Err != nil) != step.fails {
			t.Errorf("%d: %s: %v (write: %v), %v", i, step.why, d, d.Write, err)
		}
		if d.Write {
			next.Applied = d.Resources
			if len(d.Resources) != 2 {
				t.Errorf("%d: the patch has %d containers", i, len(d.Resources))
			}
		}
		st = next
	}
	if _, _, err := proportional.DecideVertical(cfg, proportional.VerticalInput{Size: proportional.VerticalSize{Cores: -1}}, st); !errors.Is(err, proportional.ErrInvalid) {
		t.Error(err)
	}
}
