// Package trigger tests the sources of triggers against the servers that they are for.
package trigger

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

// build makes a trigger, or ends the test.
func build(t testing.TB, kind string, metadata, auth map[string]string) trigger.Trigger {
	t.Helper()
	made, err := trigger.New(trigger.Config{Type: kind, Metadata: metadata, AuthParams: auth})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// sourceOf is the source of a trigger, or ends the test.
func sourceOf(t testing.TB, made trigger.Trigger, o source.Options) trigger.Source {
	t.Helper()
	s, err := source.New(made, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// gives wants a value and an activity.
func gives(t testing.TB, what string, s trigger.Source, value float64, active bool) {
	t.Helper()
	r, err := s.Read(context.Background(), time.Now())
	if err != nil || r.Value != value || r.Active != active {
		t.Errorf("%s: %v, %v; want %v, %v", what, r, err, value, active)
	}
}

// fails wants an error.
func fails(t testing.TB, what string, s trigger.Source) {
	t.Helper()
	if r, err := s.Read(context.Background(), time.Now()); err == nil {
		t.Errorf("%s: %v, want an error", what, r)
	}
}

// comesTo waits until a source gives a value.
func comesTo(t testing.TB, what string, s trigger.Source, value float64) {
	t.Helper()
	server.Eventually(t, 20*time.Second, func() error {
		r, err := s.Read(context.Background(), time.Now())
		if err == nil && r.Value != value {
			err = fmt.Errorf("%s: %v, want %v", what, r, value)
		}
		return err
	})
}
