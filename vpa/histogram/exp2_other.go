//go:build !amd64 || amd64.v3

package histogram

import "math"

func exp2(x float64) float64 { return math.Exp2(x) }
