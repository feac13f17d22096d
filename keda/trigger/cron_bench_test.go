package trigger_test

import (
	"testing"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

func BenchmarkCron(b *testing.B) {
	for _, bench := range []struct{ name, zone, start, end string }{
		{"utc", "UTC", "0 8 * * *", "0 18 * * *"},
		{"paris", "Europe/Paris", "0 8 * * *", "0 18 * * *"},
		{"quarters", "Asia/Seoul", "00,15,30,45 * * * *", "05,20,35,50 * * * *"},
		{"weekdays", "Europe/Paris", "0 8 * * 1-5", "0 18 * * 1-5"},
		{"leapday", "Europe/Paris", "0 8 29 2 *", "0 18 29 2 *"},
		{"never", "Europe/Paris", "0 8 30 2 *", "0 18 * * *"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			t, err := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
				"timezone": bench.zone, "start": bench.start, "end": bench.end, "desiredReplicas": "5",
			}})
			if err != nil {
				b.Fatal(err)
			}
			cron := t.(*trigger.Cron)
			now := time.Date(2026, 5, 13, 11, 7, 31, 0, time.UTC)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cron.Read(now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	// A year of readings every 30 seconds, clock changes and searches included.
	for _, start := range []string{"0 8 * * *", "0 8 29 2 *"} {
		b.Run("polled/"+start, func(b *testing.B) {
			t, _ := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
				"timezone": "Europe/Paris", "start": start, "end": "0 18 * * *", "desiredReplicas": "5",
			}})
			cron, from := t.(*trigger.Cron), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				cron.Read(from.Add(time.Duration(n%1051200) * 30 * time.Second))
			}
		})
	}
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
				"timezone": "Europe/Paris", "start": "0 8 * * *", "end": "0 18 * * *", "desiredReplicas": "5",
			}})
		}
	})
}
