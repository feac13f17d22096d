package trigger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// origin is where a parameter may come from.
type origin byte

const (
	metadata origin = iota
	authParams
	resolvedEnv
)

// Orders of lookup that several triggers share (T1).
var (
	written     = []origin{metadata}
	secret      = []origin{authParams}
	secretOrEnv = []origin{authParams, resolvedEnv}
	anywhere    = []origin{metadata, authParams, resolvedEnv}
)

// params reads a trigger's parameters and collects what is wrong with them (T6).
type params struct {
	cfg  *Config
	errs faults
}

// value is a parameter as found.
type value struct {
	text, name string
	from       origin
}

// field says where the parameter was found.
func (v value) field() string {
	switch v.from {
	case authParams:
		return "authParams." + v.name
	case resolvedEnv:
		return "metadata." + v.name + "FromEnv"
	}
	return "metadata." + v.name
}

// find looks a parameter up in one origin after the other, by each of its names. It is trimmed, and empty counts as absent
// (T1).
func (p *params) find(from []origin, names ...string) (value, bool) {
	for _, o := range from {
		for _, name := range names {
			var text string
			switch o {
			case metadata:
				text = p.cfg.Metadata[name]
			case authParams:
				text = p.cfg.AuthParams[name]
			case resolvedEnv:
				if len(p.cfg.ResolvedEnv) > 0 {
					text = p.cfg.ResolvedEnv[p.cfg.Metadata[name+"FromEnv"]]
				}
			}
			if text = strings.TrimSpace(text); text != "" {
				return value{text, name, o}, true
			}
		}
	}
	return value{}, false
}

// fail notes that a field makes no sense.
func (p *params) fail(field, format string, args ...any) {
	p.errs = append(p.errs, field+": "+fmt.Sprintf(format, args...))
}

// add notes what is wrong elsewhere.
func (p *params) add(err error) {
	if f, ok := err.(faults); ok {
		p.errs = append(p.errs, f...)
	}
}

// bad notes that a value does not parse, and shows it unless it may be a credential.
func (p *params) bad(v value, want string) {
	if v.from != metadata {
		p.fail(v.field(), "not %s", want)
		return
	}
	p.fail(v.field(), "%q is not %s", v.text, want)
}

func (p *params) missing(name string) { p.fail("metadata."+name, "missing") }

// err is everything that is wrong.
func (p *params) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	return p.errs
}

// faults are the fields that make no sense, each with the reason. They are an [ErrInvalid].
type faults []string

func (f faults) Error() string { return ErrInvalid.Error() + ": " + strings.Join(f, "; ") }

func (f faults) Unwrap() error { return ErrInvalid }

// text reads an optional string.
func (p *params) text(from []origin, names ...string) string {
	v, _ := p.find(from, names...)
	return v.text
}

// need reads a required string.
func (p *params) need(from []origin, names ...string) string {
	v, ok := p.find(from, names...)
	if !ok {
		p.missing(names[0])
	}
	return v.text
}

// or reads a string with a default.
func (p *params) or(otherwise string, from []origin, names ...string) string {
	if v, ok := p.find(from, names...); ok {
		return v.text
	}
	return otherwise
}

// choice reads one of several words, matched by case. Each element of a list is checked, though no trigger takes a list
// here: what reads the word refuses it (T5).
func (p *params) choice(otherwise string, allowed []string, from []origin, names ...string) string {
	v, ok := p.find(from, names...)
	if !ok {
		return otherwise
	}
	for _, element := range strings.Split(v.text, ",") {
		if !slices.Contains(allowed, strings.TrimSpace(element)) {
			p.bad(v, "one of "+strings.Join(allowed, ", "))
			break
		}
	}
	return v.text
}

// float reads an optional number with JSON's syntax (T3).
func (p *params) float(name string, otherwise float64) float64 {
	v, ok := p.find(written, name)
	if !ok {
		return otherwise
	}
	var x float64
	if json.Unmarshal([]byte(v.text), &x) != nil || v.text == "null" {
		p.bad(v, "a number")
	}
	return x
}

// needFloat reads a required number.
func (p *params) needFloat(name string) float64 {
	if _, ok := p.find(written, name); !ok {
		p.missing(name)
		return 0
	}
	return p.float(name, 0)
}

// integer reads an optional integer with JSON's syntax: neither 1.0 nor 1e3 is one (T3).
func (p *params) integer(name string, otherwise int64) int64 {
	v, ok := p.find(written, name)
	if !ok {
		return otherwise
	}
	var n int64
	if json.Unmarshal([]byte(v.text), &n) != nil || v.text == "null" {
		p.bad(v, "an integer")
	}
	return n
}

// needInteger reads a required integer.
func (p *params) needInteger(name string) int64 {
	if _, ok := p.find(written, name); !ok {
		p.missing(name)
		return 0
	}
	return p.integer(name, 0)
}

// flag reads an optional boolean as Go spells them (T3).
func (p *params) flag(name string, otherwise bool) bool {
	v, ok := p.find(written, name)
	if !ok {
		return otherwise
	}
	b, err := strconv.ParseBool(v.text)
	if err != nil {
		p.bad(v, "a boolean")
	}
	return b
}

// duration reads an optional duration; a plain integer is milliseconds (T4).
func (p *params) duration(name string) time.Duration {
	v, ok := p.find(written, name)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(v.text)
	if err != nil {
		n, err := strconv.ParseInt(v.text, 10, 64)
		if err != nil || n > int64(1<<63-1)/int64(time.Millisecond) {
			p.bad(v, "a duration or a number of milliseconds")
			return 0
		}
		d = time.Duration(n) * time.Millisecond
	}
	if d < 0 {
		p.bad(v, "a duration of at least 0")
	}
	return d
}

// list reads an optional list whose elements are trimmed (T5).
func (p *params) list(separator string, from []origin, names ...string) []string {
	v, ok := p.find(from, names...)
	if !ok {
		return nil
	}
	list := strings.Split(v.text, separator)
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// pairs reads an optional list of key=value (T5).
func (p *params) pairs(name string) map[string]string {
	v, ok := p.find(written, name)
	if !ok {
		return nil
	}
	m := map[string]string{}
	for _, pair := range strings.Split(v.text, ",") {
		key, rest, some := strings.Cut(strings.TrimSpace(pair), "=")
		if !some || strings.Contains(rest, "=") {
			p.fail(v.field(), "not a list of key=value")
			return nil
		}
		m[strings.TrimSpace(key)] = strings.TrimSpace(rest)
	}
	return m
}

func isInteger(text string) bool {
	var n int64
	return json.Unmarshal([]byte(text), &n) == nil && text != "null"
}
