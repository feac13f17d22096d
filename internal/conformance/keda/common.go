package keda

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda"
)

// errBoom is the failure that the record injects.
var errBoom = errors.New("boom")

func boomIf(failed bool) error {
	if failed {
		return errBoom
	}
	return nil
}

// condition is a condition as the record spells it.
type condition struct{ Type, Status, Reason, Message string }

func conditions(from keda.Conditions) []condition {
	out := []condition{}
	for _, c := range from {
		out = append(out, condition{string(c.Type), string(c.Status), c.Reason, c.Message})
	}
	return out
}

func events(from []keda.Event) []string {
	var out []string
	for _, e := range from {
		out = append(out, e.String())
	}
	return out
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// seconds is a time as the API writes it, absent if zero.
func seconds(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t}
}

// refused is the answer to a question that upstream's code does not survive.
type refused struct {
	Error string `json:"error"`
}

// on decodes the "in" of a kind's lines strictly by type and answers it.
func on[In any](answer func(In) (any, func(io.Writer) error, error)) func([]byte) (any, func(io.Writer) error, error) {
	return func(text []byte) (any, func(io.Writer) error, error) {
		var in In
		if err := json.Unmarshal(text, &in); err != nil {
			return nil, nil, err
		}
		out, explain, err := answer(in)
		if errors.Is(err, keda.ErrInvalid) {
			return refused{err.Error()}, nil, nil
		}
		return out, explain, err
	}
}
