package keda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/scalemath/scalemath/keda/trigger"
)

// failures are the members of a trigger's answer whose text is free.
var failures = []string{"configError", "error"}

// credentials are what the record gave every trigger.
var credentials = map[string]string{"awsAccessKeyID": "k", "awsSecretAccessKey": "s"}

type cronIn struct {
	Metadata   map[string]string              `json:"metadata"`
	Index      int                            `json:"index"`
	MetricType autoscalingv2.MetricTargetType `json:"metricType"`
	Now        time.Time                      `json:"now"`
}

type cronOut struct {
	ConfigError string                      `json:"configError,omitempty"`
	MetricName  string                      `json:"metricName,omitempty"`
	Target      *autoscalingv2.MetricTarget `json:"target,omitempty"`
	Active      bool                        `json:"active"`
	Value       *resource.Quantity          `json:"value,omitempty"`
	Error       string                      `json:"error,omitempty"`
}

func cron(in cronIn) (any, func(io.Writer) error, error) {
	t, err := trigger.New(trigger.Config{
		Type: "cron", Index: in.Index, Metadata: in.Metadata, MetricType: in.MetricType, ZonePrefix: true,
	})
	if err != nil {
		return cronOut{ConfigError: err.Error()}, nil, nil
	}
	c, ok := t.(*trigger.Cron)
	if !ok {
		return nil, nil, fmt.Errorf("a trigger of type cron is a %T", t)
	}
	spec := c.MetricSpecs()[0].External
	out := cronOut{MetricName: spec.Metric.Name, Target: &spec.Target}
	r, err := c.Read(in.Now)
	if err != nil {
		out.Error = err.Error()
		return out, nil, nil
	}
	value := r.Quantity()
	out.Active, out.Value = r.Active, &value
	return out, func(w io.Writer) error { return c.Explain(w, in.Now) }, nil
}

type httpIn struct {
	Metadata map[string]string `json:"metadata"`
	Status   int               `json:"status"`
	Body     string            `json:"body"`
}

type httpOut struct {
	ConfigError string             `json:"configError,omitempty"`
	Value       *resource.Quantity `json:"value,omitempty"`
	Active      bool               `json:"active"`
	Error       string             `json:"error,omitempty"`
}

// over answers for a trigger of this type: what does it make of a server's status and body?
func over(kind string) func(httpIn) (any, func(io.Writer) error, error) {
	return func(in httpIn) (any, func(io.Writer) error, error) {
		words := map[string]string{}
		for name, value := range in.Metadata {
			words[name] = strings.ReplaceAll(value, "$URL", "http://guest:guest@127.0.0.1:80")
		}
		t, err := trigger.New(trigger.Config{Type: kind, Metadata: words, AuthParams: credentials})
		if err != nil {
			return httpOut{ConfigError: err.Error()}, nil, nil
		}
		r, err := read(t, in)
		if err != nil {
			return httpOut{Error: err.Error()}, nil, nil
		}
		value := r.Quantity()
		return httpOut{Value: &value, Active: r.Active}, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, r)
			return err
		}, nil
	}
}

func read(t trigger.Trigger, in httpIn) (trigger.Reading, error) {
	switch t := t.(type) {
	case interface {
		Read(status int, body []byte) (trigger.Reading, error)
	}:
		return t.Read(in.Status, []byte(in.Body))
	case *trigger.SQS:
		// The queue service answers with JSON, which Amazon's own client reads for the library.
		if in.Status < 200 || in.Status > 299 {
			return trigger.Reading{}, fmt.Errorf("status %d", in.Status)
		}
		var answer struct {
			Attributes map[string]string `json:"Attributes"`
		}
		if err := json.Unmarshal([]byte(in.Body), &answer); err != nil {
			return trigger.Reading{}, err
		}
		return t.Read(answer.Attributes)
	}
	return trigger.Reading{}, errors.New("a trigger that is not read over HTTP")
}
