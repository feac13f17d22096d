package trigger

import "math/bits"

// civil is the date of a day counted from 1970-01-01, by the proleptic Gregorian calendar.
func civil(days int64) (year int64, month, dom int) {
	// Years begin in March here, so that a leap day is the last of its year.
	days += 719468
	era := floor(days, 146097)
	n := days - era*146097
	y := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*y + y/4 - y/100
	m := (5*n + 2) / 153
	dom = int(n-(153*m+2)/5) + 1
	if m += 3; m > 12 {
		m, y = m-12, y+1
	}
	return y + era*400, int(m), dom
}

func monthLength(year int64, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// weekday is 0 for Sunday.
func weekday(days int64) int { return int(days - floor(days+4, 7)*7 + 4) }

// floor divides and rounds down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// lowest is the lowest set bit at or above one.
func lowest(set uint64, from uint) (int64, bool) {
	set = set >> from << from
	return int64(bits.TrailingZeros64(set)), set != 0
}
