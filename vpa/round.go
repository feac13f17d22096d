package vpa

import (
	"fmt"
	"math"

	"k8s.io/apimachinery/pkg/api/resource"
)

// roundUp rounds an amount up to a multiple of a step; 0 and steps of 1 or less leave it (F1).
func roundUp(a Amount, step int64) Amount {
	if step <= 1 || a == 0 {
		return a
	}
	return Amount(math.Ceil(float64(a)/float64(step))) * Amount(step)
}

// humanize writes memory with two decimals of the largest unit that fits, and reads it back (F2). The result may have
// thousandths of a byte.
func humanize(a Amount) resource.Quantity {
	for _, u := range [...]struct {
		name string
		size float64
	}{{"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}} {
		if float64(a) >= u.size {
			q, err := resource.ParseQuantity(fmt.Sprintf("%.2f%s", float64(a)/u.size, u.name))
			if err != nil {
				break // a number with a unit
			}
			return q
		}
	}
	return a.Memory()
}
