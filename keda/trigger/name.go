package trigger

import (
	"strconv"
	"strings"
)

var (
	plain = strings.NewReplacer("/", "-", ".", "-", ":", "-", "%", "-", "(", "-", ")", "-")
	words = strings.NewReplacer(" ", "", "*", "x", "/", "Sl", "?", "Qm", ",", "Cm")
	// wordsBefore220 are those of the releases before 2.20, which gave names with commas in them.
	wordsBefore220 = strings.NewReplacer(" ", "", "*", "x", "/", "Sl", "?", "Qm")
)

// MetricName is the name of an external metric: the trigger's index and the base name without characters that a path would
// stumble over (N1). Letters keep their case and nothing is cut.
func MetricName(index int, base string) string {
	return "s" + strconv.Itoa(index) + "-" + plain.Replace(base)
}

// SameMetric tells whether a requested metric name means this one: the case does not matter (N4).
func SameMetric(a, b string) bool { return strings.EqualFold(a, b) }

// scheduleName is a schedule as a part of a metric's name (N3).
func (c *Config) scheduleName(schedule string) string {
	if c.CommasInNames {
		return wordsBefore220.Replace(schedule)
	}
	return words.Replace(schedule)
}

// queryEscape escapes as the query of a URL does: letters, digits and "-_.~" stay, a space becomes a plus.
func queryEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
