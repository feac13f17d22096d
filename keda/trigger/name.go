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
