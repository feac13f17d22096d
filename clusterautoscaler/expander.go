package clusterautoscaler

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Expander says which of several scale-ups to prefer. Make one with [LeastWaste], [MostPods], [LeastNodes], [Priority],
// [Price] or [Random], join several with [Chain], or bring your own.
type Expander struct {
	Name string // as the flag has it
	// Filter scores the options and says which to keep, by index and in their order. Keeping none ends the scale-up.
	Filter func(options []Option) Verdict
	chain  []Expander
}

// Verdict is what a filter says of options.
type Verdict struct {
	Keep   []int     // which options stay, by index
	Scores []float64 // by option, for the explanation; NaN where it has none, and nil where the filter does not score
	Note   string    // what else there is to say
}

// Step is one filter's part in a choice.
type Step struct {
	Expander string   `json:"expander"`         // the filter's name
	Scores   []Score  `json:"scores,omitempty"` // of the options it was given, where the filter scores
	Kept     []string `json:"kept"`             // what it left
	Note     string   `json:"note,omitempty"`   // what else it has to say
}

// Score is what a filter makes of one option.
type Score struct {
	ID    string   `json:"id"`              // of the option's group
	Value *float64 `json:"value,omitempty"` // nil where it has none
}

// Choice is which option was taken, and how.
type Choice struct {
	Survivors []string `json:"survivors"` // what the last filter left
	Steps     []Step   `json:"steps"`     // the filters, in their order
	// Drawn tells that several were left and a seed decided; without a seed the smallest ID is taken.
	Drawn bool `json:"drawn,omitempty"`
}

// Chain asks expanders in turn: each works on what the one before left, and as soon as exactly one option is left that one
// is taken (R42).
func Chain(expanders ...Expander) Expander {
	var all []Expander
	var names []string
	for _, e := range expanders {
		all = append(all, e.parts()...)
	}
	for _, e := range all {
		names = append(names, e.Name)
	}
	return Expander{Name: strings.Join(names, ","), chain: all}
}

func (e Expander) parts() []Expander {
	if e.chain != nil {
		return e.chain
	}
	return []Expander{e}
}

// Choose picks one of the options; the index is -1 where none is left. Of several that no filter tells apart it takes the
// one with the smallest ID, or draws one where seed is not 0.
func (e Expander) Choose(options []Option, seed uint64) (int, Choice) {
	left := make([]int, len(options))
	for i := range left {
		left[i] = i
	}
	var c Choice
	for _, part := range e.parts() {
		if part.Filter == nil || len(left) == 0 {
			continue
		}
		given := make([]Option, len(left))
		for i, at := range left {
			given[i] = options[at]
		}
		verdict := part.Filter(given)
		c.Steps = append(c.Steps, step(part.Name, given, verdict))
		var kept []int
		for _, i := range verdict.Keep {
			if i >= 0 && i < len(left) {
				kept = append(kept, left[i])
			}
		}
		if left = kept; len(left) == 1 {
			break
		}
	}
	if len(left) == 0 {
		return -1, c
	}
	best := left[0]
	for _, at := range left {
		c.Survivors = append(c.Survivors, options[at].ID)
		if options[at].ID < options[best].ID {
			best = at
		}
	}
	if seed != 0 && len(left) > 1 {
		best, c.Drawn = left[draw(seed, len(left))], true
	}
	return best, c
}

func step(name string, given []Option, v Verdict) Step {
	s := Step{Expander: name, Note: v.Note}
	for i := range given {
		if v.Scores == nil {
			break
		}
		score := Score{ID: given[i].ID}
		if i < len(v.Scores) && !math.IsNaN(v.Scores[i]) {
			score.Value = &v.Scores[i]
		}
		s.Scores = append(s.Scores, score)
	}
	for _, i := range v.Keep {
		if i >= 0 && i < len(given) {
			s.Kept = append(s.Kept, given[i].ID)
		}
	}
	return s
}

// draw is a number below n that a seed stands for.
func draw(seed uint64, n int) int {
	seed += 0x9e3779b97f4a7c15
	seed = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
	seed = (seed ^ seed>>27) * 0x94d049bb133111eb
	high, _ := bits.Mul64(seed^seed>>31, uint64(n))
	return int(high)
}

// Random draws one option with a seed (R43).
func Random(seed uint64) Expander {
	return Expander{Name: "random", Filter: func(options []Option) Verdict {
		return Verdict{Keep: []int{draw(seed, len(options))}}
	}}
}

// MostPods keeps the options that place the most pods (R44).
func MostPods() Expander {
	return Expander{Name: "most-pods", Filter: func(options []Option) Verdict {
		return keepLargest(options, func(o *Option) float64 { return float64(o.Pods()) })
	}}
}

// LeastNodes keeps the options with the fewest nodes; one without any nodes is passed over (R45).
func LeastNodes() Expander {
	return Expander{Name: "least-nodes", Filter: func(options []Option) Verdict {
		return keepLargest(options, func(o *Option) float64 {
			if o.Nodes == 0 {
				return math.NaN()
			}
			return -float64(o.Nodes)
		}).negated()
	}}
}

func keepLargest(options []Option, score func(*Option) float64) Verdict {
	var v Verdict
	best := math.Inf(-1)
	for i := range options {
		s := score(&options[i])
		v.Scores = append(v.Scores, s)
		switch {
		case s > best:
			best, v.Keep = s, append(v.Keep[:0], i)
		case s == best:
			v.Keep = append(v.Keep, i)
		}
	}
	return v
}

func (v Verdict) negated() Verdict {
	for i := range v.Scores {
		v.Scores[i] = -v.Scores[i]
	}
	return v
}

// keepSmallest keeps the smallest score, compared exactly. As upstream does, it takes the first option whatever its score:
// one that is not a number is never displaced (R46).
func keepSmallest(options []Option, score func(*Option) (float64, bool)) Verdict {
	v := Verdict{Scores: make([]float64, len(options))}
	best := 0.0
	for i := range options {
		s, ok := score(&options[i])
		if v.Scores[i] = s; !ok {
			v.Scores[i] = math.NaN()
			continue
		}
		switch {
		case len(v.Keep) > 0 && s == best:
			v.Keep = append(v.Keep, i)
		case len(v.Keep) == 0 || s < best:
			best, v.Keep = s, append(v.Keep[:0], i)
		}
	}
	return v
}

// ByName makes the expanders that need nothing but a name, as the flag has them: least-waste, most-pods, least-nodes and
// random, or several of them with commas between. A name may appear once, and random may only be last (R42).
func ByName(names string, seed uint64) (Expander, error) {
	var all []Expander
	seen := map[string]bool{}
	list := strings.Split(names, ",")
	for i, name := range list {
		if seen[name] {
			return Expander{}, fmt.Errorf("%w: expander: %q is named twice", ErrInvalid, name)
		}
		seen[name] = true
		switch name {
		case "least-waste":
			all = append(all, LeastWaste())
		case "most-pods":
			all = append(all, MostPods())
		case "least-nodes":
			all = append(all, LeastNodes())
		case "random":
			if i != len(list)-1 {
				return Expander{}, fmt.Errorf("%w: expander: random must be last in %q", ErrInvalid, names)
			}
			all = append(all, Random(seed))
		default:
			return Expander{}, fmt.Errorf("%w: expander: %q is none of least-waste, most-pods, least-nodes and random", ErrInvalid, name)
		}
	}
	return Chain(all...), nil
}
