package trigger

import (
	"slices"
	"strconv"
	"strings"
)

// expositionNumber reads the first sample of Prometheus's text format that a selector chooses. Only samples that are
// untyped, counters or gauges count: histograms and summaries never match (S2). A line anywhere that does not parse is an
// error.
func expositionNumber(body []byte, selector string) (float64, error) {
	want, err := parseSeries(selector)
	if err != nil {
		return 0, err
	}
	e := exposition{types: map[string]string{}, sampled: map[string]bool{}, helped: map[string]bool{}}
	var value float64
	found := false
	for i, line := range strings.Split(string(body), "\n") {
		s, err := e.line(strings.TrimSuffix(line, "\r"))
		if err != nil {
			return 0, unusable("body: line %d: %s", i+1, err)
		}
		if s != nil && !found && s.plain && s.name == want.name && s.has(want.labels) {
			value, found = s.value, true
		}
	}
	if !e.sampled[want.name] {
		return 0, unusable("metric %q is not there", clip(want.name))
	}
	if !found {
		return 0, unusable("no sample of %q matches", clip(selector))
	}
	return value, nil
}

// exposition is what has been seen of a text so far.
type exposition struct {
	types           map[string]string
	sampled, helped map[string]bool
}

type expositionSample struct {
	name   string
	labels []pair
	value  float64
	// plain says that the sample is a number of its own, not a part of a histogram or a summary.
	plain bool
}

func (s *expositionSample) has(labels []pair) bool {
	for _, l := range labels {
		if !slices.Contains(s.labels, l) {
			return false
		}
	}
	return true
}

// wrong is what is wrong with a line, without quoting it.
type wrong string

func (w wrong) Error() string { return string(w) }

var sampleTypes = []string{"counter", "gauge", "untyped", "summary", "histogram", "gaugehistogram"}

// line reads one line. It is nil for a comment or an empty one.
func (e *exposition) line(text string) (*expositionSample, error) {
	s := scanner{rest: text}
	s.blank()
	if s.rest == "" {
		return nil, nil
	}
	if s.take("#") {
		return nil, e.comment(&s)
	}
	sample := &expositionSample{}
	if !strings.HasPrefix(s.rest, "{") {
		if sample.name = s.word(true); sample.name == "" {
			return nil, wrong("no metric name")
		}
	}
	s.blank()
	if s.take("{") {
		if err := s.labels(sample); err != nil {
			return nil, err
		}
	}
	if sample.name == "" {
		return nil, wrong("no metric name")
	}
	fields := strings.Fields(s.rest)
	if len(fields) < 1 || len(fields) > 2 {
		return nil, wrong("no single number")
	}
	var err error
	if sample.value, err = strconv.ParseFloat(fields[0], 64); err != nil || strings.ContainsAny(fields[0], "xXpP_") {
		return nil, wrong("the value is not a number")
	}
	if len(fields) == 2 {
		if _, err := strconv.ParseInt(fields[1], 10, 64); err != nil {
			return nil, wrong("the time is not an integer")
		}
	}
	e.place(sample)
	return sample, nil
}

// comment reads a line that begins with a hash: TYPE and HELP mean something.
func (e *exposition) comment(s *scanner) error {
	s.blank()
	word, rest, _ := strings.Cut(s.rest, " ")
	if word != "TYPE" && word != "HELP" {
		return nil
	}
	s.rest = rest
	s.blank()
	name, quoted := "", false
	if name, quoted = s.quoted(); !quoted {
		name = s.word(true)
	}
	if name == "" {
		return wrong("no metric name after " + word)
	}
	s.blank()
	if word == "HELP" {
		if e.helped[name] {
			return wrong("a second HELP")
		}
		e.helped[name] = true
		return nil
	}
	kind := strings.ToLower(strings.TrimRight(s.rest, " \t"))
	if !slices.Contains(sampleTypes, kind) {
		return wrong("no type")
	}
	if _, twice := e.types[name]; twice || e.sampled[name] {
		return wrong("a second TYPE, or one after its samples")
	}
	e.types[name] = kind
	return nil
}

// place finds the family of a sample: parts of a histogram or a summary belong to the name without their ending.
func (e *exposition) place(s *expositionSample) {
	for _, ending := range []string{"_count", "_sum", "_bucket"} {
		base, ok := strings.CutSuffix(s.name, ending)
		kind := e.types[base]
		if ok && (kind == "histogram" || kind == "gaugehistogram" || kind == "summary" && ending != "_bucket") {
			s.name = base
			e.sampled[base] = true
			return
		}
	}
	e.sampled[s.name] = true
	kind := e.types[s.name]
	s.plain = kind == "" || kind == "counter" || kind == "gauge" || kind == "untyped"
}

// blank skips what may stand between the tokens of a line.
func (s *scanner) blank() { s.rest = strings.TrimLeft(s.rest, " \t") }

// labels reads the labels of a sample up to the closing brace.
func (s *scanner) labels(sample *expositionSample) error {
	for s.blank(); !s.take("}"); s.blank() {
		name, quoted := s.word(false), false
		if name == "" {
			if name, quoted = s.quoted(); !quoted {
				return wrong("no label name")
			}
		}
		s.blank()
		switch {
		case s.take("="):
			s.blank()
			value, ok := s.labelValue()
			if !ok {
				return wrong("no label value")
			}
			if name == "__name__" || slices.ContainsFunc(sample.labels, func(l pair) bool { return l.name == name }) {
				return wrong("a label that may not be there")
			}
			sample.labels = append(sample.labels, pair{name, value})
		case quoted && sample.name == "":
			sample.name = name
		default:
			return wrong("a label without a value")
		}
		s.blank()
		if !s.take(",") && !strings.HasPrefix(s.rest, "}") {
			return wrong("labels without a comma between them")
		}
	}
	return nil
}

// labelValue takes a string in double quotes, in which a backslash escapes itself, a quote and an n.
func (s *scanner) labelValue() (string, bool) {
	if !s.take(`"`) {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(s.rest):
			i++
			switch s.rest[i] {
			case 'n':
				b.WriteByte('\n')
			case '\\', '"':
				b.WriteByte(s.rest[i])
			default:
				return "", false
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}
