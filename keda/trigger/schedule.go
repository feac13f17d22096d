package trigger

import (
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"
)

// schedule is a cron expression in a zone.
//
// The cron library's Next is what upstream runs and what defines every answer here, clock changes included. It asks the zone
// anew for each hour it steps through, so schedule.near answers first where no clock change is near, by integers alone.
type schedule struct {
	spec cron.SpecSchedule
	zone *time.Location
	// never says that no date whatever matches, such as 30 February.
	never bool
	// clock is the stretch of constant offset that the last reading fell into: a cache that no answer depends on.
	clock atomic.Pointer[stretch]
	// recent is the last answer that took a search, with the span of readings that it holds for: a cache as well.
	recent atomic.Pointer[answer]
	// smooth is a span of time in which the zone is known to skip no whole day: a cache as well.
	smooth atomic.Pointer[span]
}

// stretch is a span of time in which a zone's clock does not change, in Unix seconds.
type stretch struct {
	span
	offset int64
}

// span is a stretch of time in Unix seconds, its end excluded.
type span struct{ from, to int64 }

// answer is a firing, or that there is none, for all readings of a span.
type answer struct {
	span
	at    int64
	fires bool
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
	// margin keeps away from a clock change, so that no instant in between has an ambiguous name.
	margin = 26 * hour
	// horizon is longer than any search: it gives up in the sixth year (C4).
	horizon = 7 * 366 * day
	// forever bounds the stretches before the first and after the last change.
	forever = 1 << 60
)

func newSchedule(spec cron.SpecSchedule, zone *time.Location) *schedule {
	// The library reads a schedule without a zone of its own in the zone of the instant it is asked about.
	spec.Location = time.Local
	return &schedule{spec: spec, zone: zone, never: !possible(spec)}
}

// next is the first instant after now at which the schedule fires, in Unix seconds, or none within five years.
func (s *schedule) next(now time.Time) (int64, bool) {
	if s == nil || s.zone == nil || s.never {
		return 0, false
	}
	unix := now.Unix()
	if r := s.recent.Load(); r != nil && r.from <= unix && unix < r.to {
		return r.at, r.fires
	}
	if at, ok := s.near(unix); ok {
		return at, true
	}
	local := now.In(s.zone)
	var at time.Time
	if s.skipsDay(unix) {
		at = s.search(local)
	} else {
		at = s.spec.Next(local)
	}
	s.remember(unix, at)
	return at.Unix(), !at.IsZero()
}

// remember keeps an answer for the rest of the hour on the zone's clock. The library's search starts from the beginning of that
// hour unless the hour itself matches, so until then, or until the firing, it finds the same.
func (s *schedule) remember(now int64, at time.Time) {
	c := s.clock.Load()
	if c == nil || now < c.from || now >= c.to {
		return
	}
	local := now + c.offset
	r := &answer{span{now, min((floor(local, hour)+1)*hour-c.offset, c.to)}, at.Unix(), !at.IsZero()}
	if r.fires {
		r.to = min(r.to, r.at)
	}
	s.recent.Store(r)
}

// near finds the next firing if it lies in the same stretch of constant offset as now, well away from its ends, and within a
// year.
func (s *schedule) near(now int64) (int64, bool) {
	c := s.clock.Load()
	if c == nil || now < c.from || now >= c.to {
		if now < -forever || now > forever {
			return 0, false
		}
		c = stretchAt(s.zone, now)
		s.clock.Store(c)
	}
	if c.offset%minute != 0 {
		return 0, false
	}
	// The first whole minute after now, and the first instant that the library would look at on its way.
	local := now + c.offset
	first := floor(local+1+minute-1, minute) * minute
	today := floor(local+1, day)
	_, month, dom := civil(today)
	back := today * day
	if s.spec.Month>>month&1 == 0 {
		back -= int64(dom-1) * day
	}
	if back-c.offset < c.from+margin {
		return 0, false
	}
	at, ok := s.minuteOnOrAfter(first, c.to-margin+c.offset)
	return at - c.offset, ok
}

// minuteOnOrAfter finds the first matching minute in a calendar without clock changes, before a limit and within a year. Both
// are local seconds.
func (s *schedule) minuteOnOrAfter(first, limit int64) (int64, bool) {
	date := floor(first, day)
	rest := first - date*day
	hours, minutes := uint(rest/hour), uint(rest%hour/minute)
	year, month, dom := civil(date)
	length := monthLength(year, month)
	for n := 0; n < 366 && date*day < limit; n++ {
		if s.onDay(month, dom, weekday(date)) {
			if at, ok := s.minuteOfDay(hours, minutes); ok {
				at += date * day
				return at, at < limit
			}
		}
		hours, minutes = 0, 0
		date++
		if dom++; dom > length {
			if dom, month = 1, month+1; month > 12 {
				month, year = 1, year+1
			}
			length = monthLength(year, month)
		}
	}
	return 0, false
}

// minuteOfDay is the second of the day of the first matching minute at or after one.
func (s *schedule) minuteOfDay(hours, minutes uint) (int64, bool) {
	if s.spec.Hour>>hours&1 == 1 {
		if m, ok := lowest(s.spec.Minute&(1<<60-1), minutes); ok {
			return int64(hours)*hour + m*minute, true
		}
	}
	h, ok := lowest(s.spec.Hour&(1<<24-1), hours+1)
	m, some := lowest(s.spec.Minute&(1<<60-1), 0)
	return h*hour + m*minute, ok && some
}

// star marks a field that was written as a star.
const star = 1 << 63

// onDay tells whether a date matches: day of month and day of week both where one of them is a star, else either (C3).
func (s *schedule) onDay(month, dom, dow int) bool {
	onDom, onDow := s.spec.Dom>>dom&1 == 1, s.spec.Dow>>dow&1 == 1
	if s.spec.Month>>month&1 == 0 {
		return false
	}
	if (s.spec.Dom|s.spec.Dow)&star != 0 {
		return onDom && onDow
	}
	return onDom || onDow
}

// possible tells whether any date of any year matches.
func possible(s cron.SpecSchedule) bool {
	if s.Minute&(1<<60-1) == 0 || s.Hour&(1<<24-1) == 0 {
		return false
	}
	probe := schedule{spec: s}
	for month := 1; month <= 12; month++ {
		for dom := 1; dom <= monthLength(2000, month); dom++ {
			for dow := range 7 {
				if probe.onDay(month, dom, dow) {
					return true
				}
			}
		}
	}
	return false
}

// stretchAt asks a zone for the stretch of constant offset around an instant.
func stretchAt(zone *time.Location, now int64) *stretch {
	t := time.Unix(now, 0).In(zone)
	_, offset := t.Zone()
	c := &stretch{span{-forever, forever}, int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		c.from = from.Unix()
	}
	if !to.IsZero() {
		c.to = to.Unix()
	}
	return c
}

// skipsDay tells whether the zone's clock leaps over a whole day, as Samoa's did in 2011, within the horizon of a search from
// now. The cron library would look for a day that never comes, without end.
func (s *schedule) skipsDay(now int64) bool {
	if known := s.smooth.Load(); known != nil && known.from <= now && now+horizon <= known.to {
		return false
	}
	known := span{now, now + 2*horizon}
	t := time.Unix(now-day, 0).In(s.zone)
	// Zones change their clock a few times a year.
	for range 1000 {
		_, before := t.Zone()
		_, to := t.ZoneBounds()
		if to.IsZero() || to.Unix() > known.to {
			break
		}
		if _, after := to.Zone(); after-before >= 20*hour {
			if to.Unix() <= now+horizon {
				return true
			}
			known.to = to.Unix() - 1
			break
		}
		t = to
	}
	s.smooth.Store(&known)
	return false
}

// search is next for the years before a skipped day. It walks through the dates that exist and the minutes of those that match.
func (s *schedule) search(now time.Time) time.Time {
	year, month, dom := now.Date()
	for limit := now.Year() + 5; year <= limit; {
		// A date is met at its noon, which no change of clocks moves unless the whole date is missing.
		noon := time.Date(year, month, dom, 12, 0, 0, 0, s.zone)
		year, month, dom = time.Date(year, month, dom+1, 0, 0, 0, 0, time.UTC).Date()
		if !s.onDay(int(noon.Month()), noon.Day(), int(noon.Weekday())) {
			continue
		}
		for t := noon.Add(-14 * time.Hour); t.Before(noon.Add(14 * time.Hour)); t = t.Add(time.Minute) {
			if t.Day() == noon.Day() && t.After(now) && s.spec.Hour>>t.Hour()&1 == 1 && s.spec.Minute>>t.Minute()&1 == 1 {
				return t
			}
		}
	}
	return time.Time{}
}
