package trigger

import (
	"math/rand"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

// zones have clock changes of every sort: at midnight, by half an hour, four a year, a whole day, none.
var zones = []string{"UTC", "Europe/Paris", "America/New_York", "Africa/Cairo", "Asia/Beirut", "Africa/Casablanca", "Australia/Lord_Howe",
	"Antarctica/Troll", "Pacific/Apia", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Asia/Kathmandu", "Asia/Seoul", "America/Asuncion",
	"Pacific/Chatham", "Asia/Tehran", "Europe/Dublin"}

var expressions = []string{"0 8 * * *", "*/15 * * * *", "30 2 * * *", "0 0 * * *", "59 23 31 12 *", "0 6 * * 1-5", "0 0 1 * *", "0 0 1 */2 *",
	"15 3 29 2 *", "0 8 13 * 5", "0 8 */2 * 5", "* * * * *", "5 1 * * 0", "0 12 1,15 3-10 *", "0 0 30 2 *", "0 0 29 2 1", "45 14 * 6 *", "0 1 31 * ?"}

// TestScheduleIsTheCronLibrary holds the short cut against what it stands for, with most instants near a clock change.
func TestScheduleIsTheCronLibrary(t *testing.T) {
	random := rand.New(rand.NewSource(7))
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skipf("no time zones here: %v", err)
		}
		for _, text := range expressions {
			parsed, err := cron.ParseStandard(text)
			if err != nil {
				t.Fatal(err)
			}
			s := newSchedule(*parsed.(*cron.SpecSchedule), zone)
			n, near := 60, 0
			for range n {
				now := time.Unix(1400000000+random.Int63n(800000000), random.Int63n(3)*499999999)
				if random.Intn(3) > 0 {
					if _, change := now.In(zone).ZoneBounds(); !change.IsZero() {
						now = change.Add(time.Duration(random.Int63n(2*72*hour)-72*hour) * time.Second)
					}
				}
				if random.Intn(3) == 0 {
					now = now.Truncate(time.Minute)
				}
				want := s.spec.Next(now.In(zone))
				got, ok := s.next(now)
				if ok == want.IsZero() || ok && got != want.Unix() {
					t.Fatalf("%s %q after %v: %v %v, want %v", name, text, now.In(zone), time.Unix(got, 0).In(zone), ok, want)
				}
				if _, ok := s.near(now.Unix()); ok {
					near++
				}
			}
			if text == "0 8 * * *" && near < n/10 {
				t.Errorf("%s %q: the short cut served %d of %d", name, text, near, n)
			}
		}
	}
}

// TestSkippedDay reads schedules before the day that Samoa left out, where the cron library looks for it without end.
func TestSkippedDay(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Skipf("no time zones here: %v", err)
	}
	for _, c := range []struct{ text, now, want string }{
		{"0 8 * * *", "2011-12-29T09:00:00-10:00", "2011-12-31T08:00:00+14:00"},
		{"0 8 30 12 *", "2011-12-29T09:00:00-10:00", "2012-12-30T08:00:00+14:00"},
		{"0 8 * * 5", "2011-12-29T09:00:00-10:00", "2012-01-06T08:00:00+14:00"},
		{"0 0 1 1 *", "2011-06-01T00:00:00-11:00", "2012-01-01T00:00:00+14:00"},
	} {
		parsed, _ := cron.ParseStandard(c.text)
		s := newSchedule(*parsed.(*cron.SpecSchedule), zone)
		now, _ := time.Parse(time.RFC3339, c.now)
		want, _ := time.Parse(time.RFC3339, c.want)
		if got, ok := s.next(now); !ok || got != want.Unix() {
			t.Errorf("%q after %v: %v %v, want %v", c.text, c.now, time.Unix(got, 0).In(zone), ok, want)
		}
	}
}

// TestRecentAnswers reads minute by minute through clock changes, so that answers are remembered from one reading to the next.
func TestRecentAnswers(t *testing.T) {
	random := rand.New(rand.NewSource(8))
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skipf("no time zones here: %v", err)
		}
		_, change := time.Unix(1772000000, 0).In(zone).ZoneBounds()
		if change.IsZero() {
			change = time.Unix(1772000000, 0)
		}
		for _, text := range append([]string{"15 3 * * *", "*/20 1-3 * * *", "7 2 8 3 *"}, expressions...) {
			parsed, _ := cron.ParseStandard(text)
			s := newSchedule(*parsed.(*cron.SpecSchedule), zone)
			for now := change.Add(-30 * time.Hour); now.Before(change.Add(30 * time.Hour)); now = now.Add(time.Duration(random.Intn(600)) * time.Second) {
				want := s.spec.Next(now.In(zone))
				if got, ok := s.next(now); ok == want.IsZero() || ok && got != want.Unix() {
					t.Fatalf("%s %q after %v: %v %v, want %v", name, text, now.In(zone), time.Unix(got, 0).In(zone), ok, want)
				}
			}
		}
	}
}

func TestCivil(t *testing.T) {
	for days := int64(-800000); days < 800000; days += 13 {
		want := time.Unix(days*day, 0).UTC()
		year, month, dom := civil(days)
		if int(year) != want.Year() || month != int(want.Month()) || dom != want.Day() || weekday(days) != int(want.Weekday()) {
			t.Fatalf("day %d: %d-%d-%d on %d, want %v", days, year, month, dom, weekday(days), want)
		}
		if last := time.Date(want.Year(), want.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); monthLength(year, month) != last {
			t.Fatalf("%d-%d has %d days, want %d", year, month, monthLength(year, month), last)
		}
	}
}
