package trigger

import (
	"regexp"
	"strconv"
	"strings"
)

// series selects samples of a text exposition.
type series struct {
	name string
	// labels must be there with these very values, whatever operator the selector writes between them (S2).
	labels []pair
}

type pair struct{ name, value string }

// parseSeries reads a PromQL metric selector: a name, matchers in braces, or both.
func parseSeries(text string) (series, error) {
	s := scanner{rest: text}
	s.space()
	out := series{name: s.word(true)}
	s.space()
	wrong := func() (series, error) {
		return series{}, unusable("valueLocation %q is not a metric's selector", clip(text))
	}
	some := out.name != ""
	if s.take("{") {
		for s.space(); !s.take("}"); s.space() {
			name, quoted := s.word(false), false
			if name == "" {
				if name, quoted = s.quoted(); !quoted {
					return wrong()
				}
			}
			s.space()
			op := s.operator()
			if op == "" {
				// A quoted word alone is the metric's name.
				if !quoted || out.name != "" {
					return wrong()
				}
				out.name, some = name, true
			} else {
				s.space()
				value, ok := s.quoted()
				if !ok || badExpression(op, value) {
					return wrong()
				}
				if name == "__name__" {
					if out.name != "" {
						return wrong()
					}
					out.name = value
				} else {
					out.labels = append(out.labels, pair{name, value})
				}
				some = some || demands(op, value)
			}
			s.space()
			if !s.take(",") && !strings.HasPrefix(s.rest, "}") {
				return wrong()
			}
		}
	}
	s.space()
	if s.rest != "" || !some {
		return wrong()
	}
	return out, nil
}

// demands tells whether a matcher refuses the empty string; a selector needs one that does.
func demands(op, value string) bool {
	switch op {
	case "=":
		return value != ""
	case "!=":
		return value == ""
	}
	matches, err := regexp.MatchString("^(?s:"+value+")$", "")
	return err == nil && matches == (op == "!~")
}

func badExpression(op, value string) bool {
	if op == "=" || op == "!=" {
		return false
	}
	_, err := regexp.Compile("^(?s:" + value + ")$")
	return err != nil
}

// scanner reads tokens off the front of a text.
type scanner struct{ rest string }

func (s *scanner) space() { s.rest = strings.TrimLeft(s.rest, " \t\r\n") }

func (s *scanner) take(token string) bool {
	rest, ok := strings.CutPrefix(s.rest, token)
	s.rest = rest
	return ok
}

// word takes a name, with colons where it is a metric's.
func (s *scanner) word(colons bool) string {
	i := 0
	for ; i < len(s.rest); i++ {
		c := s.rest[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || colons && c == ':'
		if !letter && (i == 0 || c < '0' || c > '9') {
			break
		}
	}
	word := s.rest[:i]
	s.rest = s.rest[i:]
	return word
}

func (s *scanner) operator() string {
	for _, op := range []string{"=~", "!~", "!=", "="} {
		if s.take(op) {
			return op
		}
	}
	return ""
}

// quoted takes a string in single, double or back quotes.
func (s *scanner) quoted() (string, bool) {
	if s.rest == "" || !strings.ContainsRune("\"'`", rune(s.rest[0])) {
		return "", false
	}
	quote := s.rest[0]
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '\\' && quote != '`':
			i++
		case c == quote:
			text := s.rest[1:i]
			s.rest = s.rest[i+1:]
			return unquote(text, quote)
		}
	}
	return "", false
}

func unquote(text string, quote byte) (string, bool) {
	if quote == '`' {
		return text, true
	}
	var b strings.Builder
	for text != "" {
		r, multibyte, rest, err := strconv.UnquoteChar(text, quote)
		if err != nil {
			return "", false
		}
		if r < 0x80 || !multibyte {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
		text = rest
	}
	return b.String(), true
}
