//go:build amd64 && !amd64.v3

package histogram

import "math"

// exp2 is math.Exp2 for the exponents that a decay has, to the last bit and in half the time: the same reduction and
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
	)
	if !(x > -1000 && x < 1000) {
		return math.Exp2(x)
	}
	k := int64(x + math.Copysign(0.5, x))
	t := x - float64(k)
	hi, lo := t*ln2Hi, -t*ln2Lo
	r := hi - lo
	s := r * r
	c := r - s*(p1+s*(p2+s*(p3+s*(p4+s*p5))))
	y := 1 - ((lo - (r*c)/(2-c)) - hi)
	return y * math.Float64frombits(uint64(k+1023)<<52)
}
