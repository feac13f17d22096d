package trigger

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is the trigger cron: active from each firing of one schedule to the next firing of another.
//
// It is read at an instant and nothing else. Whether it is active depends on one question alone, which of the two schedules
// fires next, and this has consequences that surprise: see [Cron.At].
type Cron struct {
	metric
	// Start and End are the two schedules as written.
	Start, End string
	// Timezone is the name of the zone that both are meant in.
	Timezone string
	// DesiredReplicas is the value while active. Negative is accepted: it clamps to 0 but leaves the activity alone.
	DesiredReplicas int64

	start, end *schedule
	zone       *time.Location
	// zoneErr is why there is no zone. Like upstream, the trigger can be built then but never read (C2).
	zoneErr error
}

func newCron(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Cron{
		Start: p.need(written, "start"), End: p.need(written, "end"), Timezone: p.need(written, "timezone"),
		DesiredReplicas: p.needInteger("desiredReplicas"),
	}
	if _, given := p.find(written, "desiredReplicas"); given && t.DesiredReplicas == 0 && len(p.errs) == 0 {
		p.fail("metadata.desiredReplicas", "0")
	}
	if t.Start != "" && t.Start == t.End {
		p.fail("metadata.end", "%q is the start as well", t.End)
	}
	t.zone, t.zoneErr = cfg.loadZone(t.Timezone)
	t.start = p.schedule("metadata.start", t.Start, t.zone)
	t.end = p.schedule("metadata.end", t.End, t.zone)
	base := "cron-" + t.Timezone + "-" + cfg.scheduleName(t.Start) + "-" + cfg.scheduleName(t.End)
	return t, p.count(&t.metric, base, 1, 0)
}

// Read is the reading at an instant. Its error is a time zone that does not exist.
func (t *Cron) Read(now time.Time) (Reading, error) {
	active, err := t.At(now)
	if err != nil {
		return Reading{}, err
	}
	if active {
		return t.reading(float64(t.DesiredReplicas), true), nil
	}
	return t.reading(0, false), nil
}

// At tells whether the trigger is active at an instant: whether, of what fires strictly later, the end comes before the
// start or together with it (C5). So an active window contains its first instant and not its last. A schedule that never
// fires again counts as later than any that does, except that an end that alone fires, or neither, leaves the trigger
// active.
//
// It follows that schedules which always fire together, spelled differently, are always active, that a start on weekdays
// with an end on all days is active all Saturday up to the end (C6), and that a start which a clock change skips
// leaves the trigger active for the whole day before (C8).
func (t *Cron) At(now time.Time) (bool, error) {
	if t.zoneErr != nil {
		return false, t.zoneErr
	}
	start, starts := t.start.next(now)
	end, ends := t.end.next(now)
	switch {
	case !ends:
		return !starts, nil
	case !starts:
		return true, nil
	}
	return end <= start, nil
}

// loadZone finds a zone by name.
func (c *Config) loadZone(name string) (*time.Location, error) {
	load := c.LoadLocation
	if load == nil {
		if name == "Local" {
			return time.UTC, nil
		}
		load = time.LoadLocation
	}
	zone, err := load(name)
	if err != nil || zone == nil {
		return nil, fmt.Errorf("%w: metadata.timezone: unknown time zone %q", ErrReading, name)
	}
	return zone, nil
}

// schedule parses one of the two schedules. The zone may be missing; then the schedule is checked and cannot be asked.
func (p *params) schedule(field, text string, zone *time.Location) *schedule {
	if text == "" {
		return nil
	}
	if prefixed(text) {
		if !p.cfg.ZonePrefix {
			p.fail(field, "%q: a zone belongs into the timezone parameter, not into the schedule", text)
			return nil
		}
		// The zone is read here and never by the cron library, which panics on some of them.
		var name string
		_, name, _ = strings.Cut(text, "=")
		name, text, _ = strings.Cut(name, " ")
		own, err := p.cfg.loadZone(name)
		if err != nil {
			p.fail(field, "unknown time zone %q", name)
			return nil
		}
		zone, text = own, strings.TrimSpace(text)
	}
	if strings.HasPrefix(text, "@") || prefixed(text) {
		p.fail(field, "%q is not a schedule of five fields", text)
		return nil
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		p.fail(field, "%v", err)
		return nil
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		p.fail(field, "%q is not a schedule of five fields", text)
		return nil
	}
	return newSchedule(*spec, zone)
}

func prefixed(text string) bool {
	return strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=")
}
