package clusterautoscaler

import (
	"fmt"
	"math"
	"regexp"

	"sigs.k8s.io/yaml"
)

// Priorities are regular expressions of group IDs by their priority, as the ConfigMap of the priority expander has them.
type Priorities map[int][]*regexp.Regexp

// ParsePriorities reads the text of that ConfigMap: from whole numbers to lists of expressions.
func ParsePriorities(text string) (Priorities, error) {
	var file map[int][]string
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return nil, fmt.Errorf("%w: priorities: %v", ErrInvalid, err)
	}
	out := Priorities{}
	for p, list := range file {
		out[p] = nil
		for _, expression := range list {
			re, err := regexp.Compile(expression)
			if err != nil {
				return nil, fmt.Errorf("%w: priorities: %d: %q: %v", ErrInvalid, p, expression, err)
			}
			out[p] = append(out[p], re)
		}
	}
	return out, nil
}

// of is the best priority of a group.
func (p Priorities) of(id string) (best int, ok bool) {
	for priority, list := range p {
		if ok && priority <= best {
			continue
		}
		for _, re := range list {
			if re.MatchString(id) {
				best, ok = priority, true
				break
			}
		}
	}
	return best, ok
}

// Priority keeps the options whose group has the highest priority. Where no group has one, all stay; priorities of -1 and
// below never win (R47). Without priorities all options stay.
func Priority(p Priorities, profile Profile) Expander {
	return Expander{Name: "priority", Filter: func(options []Option) Verdict {
		least := -1.0
		if profile.NegativePriorities {
			least = math.Inf(-1)
		}
		v := keepLargest(options, func(o *Option) float64 {
			if best, ok := p.of(o.ID); ok && float64(best) >= least {
				return float64(best)
			}
			return math.NaN()
		})
		if len(v.Keep) == 0 {
			v.Note = "no group has a priority: all stay"
			for i := range options {
				v.Keep = append(v.Keep, i)
			}
		}
		return v
	}}
}
