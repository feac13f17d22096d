package vpa

import (
	"math"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Amount is a quantity of CPU in millicores or of memory in bytes, the recommender's own unit.
type Amount int64

// MaxAmount is the largest amount that a float becomes (Q1).
const MaxAmount Amount = 1e14

// amountOf cuts a float to an amount. What is not a number becomes the most negative one, as on the platform that
// upstream runs on; the minimum hides it afterwards (Q1).
func amountOf(v float64) Amount {
	switch {
	case v > float64(MaxAmount):
		return MaxAmount
	case v < 0:
		return 0
	case v != v:
		return math.MinInt64
	}
	return Amount(v)
}

// ofCores is an amount of CPU given in cores (Q2).
func ofCores(cores float64) Amount { return amountOf(cores * 1000) }

// cores is an amount of CPU in cores (Q2).
func (a Amount) cores() float64 { return float64(a) / 1000 }

// scale multiplies and cuts (Q3).
func (a Amount) scale(f float64) Amount { return amountOf(float64(a) * f) }

// CPUAmount reads a usage of CPU, rounded up to a millicore (Q5).
func CPUAmount(q resource.Quantity) Amount { return Amount(q.MilliValue()) }

// MemoryAmount reads a usage of memory, rounded up to a byte (Q5).
func MemoryAmount(q resource.Quantity) Amount { return Amount(q.Value()) }

// CPU is the amount as a quantity of CPU (Q4).
func (a Amount) CPU() resource.Quantity {
	return *resource.NewMilliQuantity(int64(a), resource.DecimalSI)
}

// Memory is the amount as a quantity of memory (Q4).
func (a Amount) Memory() resource.Quantity { return *resource.NewQuantity(int64(a), resource.BinarySI) }

// Amounts are an amount of each resource that is recommended.
type Amounts struct {
	// CPU is in millicores.
	CPU Amount `json:"cpu"`
	// Memory is in bytes.
	Memory Amount `json:"memory"`
}
