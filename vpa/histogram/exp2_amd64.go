//go:build amd64 && !amd64.v3

package histogram

import "math"

// exp2 is math.Exp2 for the exponents that a decay has, to the last bit and in a third of the time: the same reduction and
// polynomial, without the branches for special values and with the power of two set as an exponent. A test holds it
// against math.Exp2. Where the platform has its own Exp2, or the compiler may fuse its operations, the other file is
// built.
//
// The polynomial is that of FreeBSD's msun, e_exp.c: Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved.
// Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
// preserved.
func exp2(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		p1    = 1.66666666666666657415e-01
		p2    = -2.77777777770155933842e-03
		p3    = 6.61375632143793436117e-05
		p4    = -1.65339022054652515390e-06
		p5    = 4.13813679705723846039e-08
		magic = 3 << 51
	)
	// The low bits of sum are the nearest integer to x. Halfway between two, math.Exp2 takes the other one.
	sum := x + magic
	t := x - (sum - magic)
	if !(t*t < 0.25 && x*x < 1e6) {
		return math.Exp2(x)
	}
	hi, lo := t*ln2Hi, -t*ln2Lo
	r := hi - lo
	s := r * r
	c := r - s*(p1+s*(p2+s*(p3+s*(p4+s*p5))))
	y := 1 - ((lo - (r*c)/(2-c)) - hi)
	return y * math.Float64frombits((math.Float64bits(sum)+1023)<<52)
}
