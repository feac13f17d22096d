package vpa

import (
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// milli writes millicores as a quantity.
func milli(a Amount) string { q := a.CPU(); return q.String() }

// size writes bytes in the unit that reads best.
func size(a Amount) string {
	for _, u := range [...]struct {
		name string
		size float64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if float64(a) >= u.size {
			return fmt.Sprintf("%d bytes (%.1f %s)", a, float64(a)/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", a)
}

func list(of corev1.ResourceList) string {
	names := resourceNames(of)
	if len(names) == 0 {
		return "nothing"
	}
	parts := make([]string, len(names))
	for i, name := range names {
		q := of[name]
		parts[i] = string(name) + " " + q.String()
	}
	return strings.Join(parts, ", ")
}

// span writes a duration in days, or in less where it is short.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.1f hours", d.Hours())
	}
	return d.Round(time.Second).String()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
