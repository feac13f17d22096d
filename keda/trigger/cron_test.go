package trigger_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

func cronOf(t testing.TB, zone, start, end string) *trigger.Cron {
	t.Helper()
	made, err := trigger.New(trigger.Config{Type: "cron", ZonePrefix: true, Metadata: map[string]string{
		"timezone": zone, "start": start, "end": end, "desiredReplicas": "2",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made.(*trigger.Cron)
}

// TestCronTruth is C5 and C6: which of the two fires next decides, and what never fires counts as last.
func TestCronTruth(t *testing.T) {
	for _, c := range []struct {
		zone, start, end, now string
		want                  bool
	}{
		{"UTC", "0 8 * * *", "0 18 * * *", "2026-06-01T08:00:00Z", true},     // exactly at the start
		{"UTC", "0 8 * * *", "0 18 * * *", "2026-06-01T18:00:00Z", false},    // exactly at the end
		{"UTC", "0 8 * * *", "0 18 * * *", "2026-06-01T17:59:59Z", true},     //
		{"UTC", "0 6 * * *", "00 6 * * *", "2026-06-01T12:00:00Z", true},     // together, always
		{"UTC", "0 8 30 2 *", "0 18 * * *", "2026-06-01T20:00:00Z", true},    // only the end fires
		{"UTC", "0 8 * * *", "0 18 30 2 *", "2026-06-01T10:00:00Z", false},   // only the start fires
		{"UTC", "0 8 30 2 *", "0 18 30 2 *", "2026-06-01T10:00:00Z", true},   // neither
		{"UTC", ", 8 * * *", ", 18 * * *", "2026-06-01T10:00:00Z", true},     // an empty set never fires
		{"UTC", "30 6 * * 1-5", "10 22 * * *", "2026-06-06T12:00:00Z", true}, // all of Saturday, up to the end
		{"Europe/Paris", "0 8 * * *", "0 18 * * *", "2026-06-01T06:30:00Z", true},
		{"Europe/Paris", "TZ=Asia/Tokyo 0 8 * * *", "0 18 * * *", "2026-06-01T12:00:00Z", true},
		{"America/New_York", "30 2 * * *", "30 4 * * *", "2026-03-07T12:00:00-05:00", true}, // C8: the start in the gap
		{"America/New_York", "0 0 * * *", "30 2 * * *", "2026-03-08T01:00:00-05:00", false}, // C8: the end in the gap
		{"America/New_York", "0 1 * * *", "30 1 * * *", "2026-11-01T01:15:00-05:00", true},  // C9: the second fold
		{"America/New_York", "0 1 * * *", "30 1 * * *", "2026-11-01T01:45:00-04:00", false}, // C9: between both
		{"Africa/Cairo", "0 8 * * fri", "0 18 * * fri", "2026-04-24T10:00:00+03:00", true},  // seen from the day itself
		{"Pacific/Apia", "0 8 30 12 *", "0 18 30 12 *", "2011-12-29T10:00:00-10:00", false}, // the day that was left out
		{"Pacific/Apia", "0 8 * * *", "0 18 * * *", "2011-12-31T09:00:00+14:00", true},
		{"Asia/Kathmandu", "15 5 * * *", "45 5 * * *", "2026-06-01T05:30:00+05:45", true},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cronOf(t, c.zone, c.start, c.end).At(now); err != nil || got != c.want {
			t.Errorf("%s %q-%q at %s: %v %v, want %v", c.zone, c.start, c.end, c.now, got, err, c.want)
		}
	}
}

// TestCronSeoul is a manifest of the field: five minutes of every quarter of an hour.
func TestCronSeoul(t *testing.T) {
	c := cronOf(t, "Asia/Seoul", "00,15,30,45 * * * *", "05,20,35,50 * * * *")
	if name := c.Metric(); name != "s0-cron-Asia-Seoul-00Cm15Cm30Cm45xxxx-05Cm20Cm35Cm50xxxx" {
		t.Errorf("metric %q", name)
	}
	begin := time.Date(2026, 6, 1, 9, 0, 0, 0, time.FixedZone("KST", 9*3600))
	var line strings.Builder
	for m := range 60 {
		r, err := c.Read(begin.Add(time.Duration(m) * time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if r.Active != (r.Value == 2) {
			t.Errorf("minute %d: %v", m, r)
		}
		line.WriteByte(map[bool]byte{true: '2', false: '.'}[r.Active])
	}
	if want := strings.Repeat("22222..........", 4); line.String() != want {
		t.Errorf("%s, want %s", line.String(), want)
	}
}

func TestCronZone(t *testing.T) {
	c := cronOf(t, "Nowhere/Bad", "0 8 * * *", "0 18 * * *")
	if _, err := c.Read(time.Unix(0, 0)); err == nil || !strings.Contains(err.Error(), "Nowhere/Bad") {
		t.Errorf("a zone that is none: %v", err)
	}
	if _, err := c.NextChanges(time.Unix(0, 0), 1); err == nil {
		t.Error("a calendar in a zone that is none")
	}
	own := func(string) (*time.Location, error) { return time.FixedZone("x", 3600), nil }
	local, err := trigger.New(trigger.Config{Type: "cron", LoadLocation: own, Metadata: map[string]string{
		"timezone": "Local", "start": "0 8 * * *", "end": "0 18 * * *", "desiredReplicas": "2",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if on, err := local.(*trigger.Cron).At(time.Date(2026, 1, 1, 7, 30, 0, 0, time.UTC)); err != nil || !on {
		t.Errorf("the caller's zone: %v %v", on, err)
	}
}

// TestCronIsFree reads without allocating, wherever the clock is about to change or not.
func TestCronIsFree(t *testing.T) {
	c := cronOf(t, "Europe/Paris", "0 8 * * *", "0 18 * * *")
	for _, now := range []time.Time{
		time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC), time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		c.Read(now)
		if n := testing.AllocsPerRun(100, func() { c.Read(now) }); n != 0 {
			t.Errorf("%v: %v allocations", now, n)
		}
	}
}

// TestCronIsShared reads one trigger from several goroutines, far apart in time, against one that each has alone.
func TestCronIsShared(t *testing.T) {
	shared := cronOf(t, "Europe/Paris", "0 8 * * *", "0 18 29 2 *")
	var wait sync.WaitGroup
	for g := range 4 {
		own := cronOf(t, "Europe/Paris", "0 8 * * *", "0 18 29 2 *")
		wait.Go(func() {
			for n := range 500 {
				now := time.Unix(1700000000+int64(g)*9000000+int64(n)*3607, 0)
				got, _ := shared.At(now)
				if want, _ := own.At(now); got != want {
					t.Errorf("%v: %v, alone %v", now, got, want)
				}
			}
		})
	}
	wait.Wait()
}

// TestNextChangesAgreesWithAt walks a calendar minute by minute.
func TestNextChangesAgreesWithAt(t *testing.T) {
	for _, c := range []*trigger.Cron{
		cronOf(t, "America/New_York", "30 2 * * *", "30 4 * * *"),
		cronOf(t, "Africa/Cairo", "0 8 * * fri", "0 18 * * fri"),
		cronOf(t, "Asia/Beirut", "0 0 * * 0", "0 12 * * *"),
		cronOf(t, "Europe/Paris", "*/20 1-3 * * *", "10,50 * * * *"),
	} {
		from := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
		if c.Timezone == "Africa/Cairo" {
			from = from.AddDate(0, 1, 0)
		}
		changes, err := c.NextChanges(from, 2000)
		if err != nil {
			t.Fatal(err)
		}
		active, _ := c.At(from)
		next := 0
		for at := from.Add(time.Minute); at.Before(from.AddDate(0, 0, 15)); at = at.Add(time.Minute) {
			if next < len(changes) && !changes[next].At.After(at) {
				active = changes[next].Active
				next++
			}
			if got, _ := c.At(at); got != active {
				t.Fatalf("%s %q-%q at %v: %v, and the calendar says %v", c.Timezone, c.Start, c.End, at, got, active)
			}
		}
		if next == 0 {
			t.Errorf("%s: no change in the calendar", c.Timezone)
		}
	}
	if changes, err := cronOf(t, "UTC", "0 8 30 2 *", "* * * * *").NextChanges(time.Unix(0, 0), 1); err != nil || len(changes) != 0 {
		t.Errorf("a trigger that is always active changes: %v %v", changes, err)
	}
}

func FuzzCron(f *testing.F) {
	f.Add("UTC", "0 8 * * *", "0 18 * * *", int64(1767225600))
	f.Add("Pacific/Apia", "0 8 * * 5", "* * 30 12 ?", int64(1325000000))
	f.Add("Africa/Cairo", "TZ=0", "@every 1s", int64(-1))
	f.Add("Europe/Paris", ", * * * *", "0 0 29 2 1", int64(1)<<62)
	f.Fuzz(func(t *testing.T, zone, start, end string, now int64) {
		made, err := trigger.New(trigger.Config{Type: "cron", ZonePrefix: true, Metadata: map[string]string{
			"timezone": zone, "start": start, "end": end, "desiredReplicas": "1",
		}})
		if err != nil {
			return
		}
		c := made.(*trigger.Cron)
		at := time.Unix(now, 0)
		r, err := c.Read(at)
		if again, err2 := c.Read(at); again.Active != r.Active || (err == nil) != (err2 == nil) {
			t.Errorf("read twice: %v %v, then %v %v", r, err, again, err2)
		}
	})
}
