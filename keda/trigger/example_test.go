package trigger_test

import (
	"fmt"
	"os"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda/trigger"
)

func ExampleNew() {
	t, err := trigger.New(trigger.Config{
		Type: "prometheus",
		Metadata: map[string]string{
			"serverAddress": "http://prometheus:9090", "query": "sum(rate(requests[1m]))", "threshold": "100", "activationThreshold": "5",
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1767225600,"250.5"]}]}}`)
	reading, err := t.(*trigger.Prometheus).Read(200, body)
	fmt.Println(reading, err)

	_, err = trigger.New(trigger.Config{Type: "prometheus", Index: 2, Metadata: map[string]string{"serverAddress": "http://p", "query": "up"}})
	fmt.Println(err)
	// Output:
	// s0-prometheus: 250.500 of 100 a replica, active <nil>
	// triggers[2] (prometheus): invalid trigger: metadata.threshold: missing
}

func ExampleCron_Read() {
	t, _ := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
		"timezone": "Europe/Paris", "start": "0 8 * * 1-5", "end": "0 18 * * 1-5", "desiredReplicas": "10",
	}})
	cron := t.(*trigger.Cron)
	for _, at := range []string{"2026-06-05T08:00:00+02:00", "2026-06-05T18:00:00+02:00"} {
		now, _ := time.Parse(time.RFC3339, at)
		fmt.Println(cron.Read(now))
	}
	// Output:
	// s0-cron-Europe-Paris-08xx1-5-018xx1-5: 10 of 1 a replica, active <nil>
	// s0-cron-Europe-Paris-08xx1-5-018xx1-5: 0 of 1 a replica, inactive <nil>
}

func ExampleCron_NextChanges() {
	t, _ := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
		"timezone": "America/New_York", "start": "30 2 * * *", "end": "30 4 * * *", "desiredReplicas": "10",
	}})
	// The clock leaps over 02:30 on 8 March: what began the day before ends only after the gap.
	from := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	changes, err := t.(*trigger.Cron).NextChanges(from, 4)
	for _, c := range changes {
		fmt.Println(c)
	}
	fmt.Println(err)
	// Output:
	// 2026-03-07T02:30:00-05:00 on
	// 2026-03-08T04:30:00-04:00 off
	// 2026-03-09T02:30:00-04:00 on
	// 2026-03-09T04:30:00-04:00 off
	// <nil>
}

func ExampleCron_Explain() {
	t, _ := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{
		"timezone": "UTC", "start": "0 8 30 2 *", "end": "0 18 * * *", "desiredReplicas": "10",
	}})
	t.(*trigger.Cron).Explain(os.Stdout, time.Date(2026, 6, 5, 12, 0, 0, 0, time.UTC))
	// Output:
	// s0-cron-UTC-08302x-018xxx at 2026-06-05T12:00:00Z: active, value 10 of 1 a replica
	//   next start (0 8 30 2 *) never within five years
	//   next end   (0 18 * * *) 2026-06-05T18:00:00Z
	//   no change ahead
}

func ExampleKafka_Read() {
	t, _ := trigger.New(trigger.Config{Type: "kafka", Metadata: map[string]string{
		"bootstrapServers": "kafka:9092", "consumerGroup": "mail", "topic": "letters", "lagThreshold": "10",
	}})
	offset := func(n int64) *int64 { return &n }
	reading, state, err := t.(*trigger.Kafka).Read([]trigger.KafkaPartition{
		{Topic: "letters", Partition: 0, Committed: offset(100), End: offset(125)},
		{Topic: "letters", Partition: 1, Committed: offset(-1), End: offset(7)},
	}, nil)
	fmt.Println(reading, len(state), err)
	// Output:
	// s0-kafka-letters: 26 of 10 a replica, active 0 <nil>
}

// temperature is a trigger of the caller's own: it decides on one number and is its own source of nothing.
type temperature struct {
	index int
	limit float64
}

func (t temperature) Type() string { return "temperature" }
func (t temperature) Index() int   { return t.index }
func (t temperature) MetricSpecs() []autoscalingv2.MetricSpec {
	q := trigger.Quantity(t.limit)
	return []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{
		Metric: autoscalingv2.MetricIdentifier{Name: trigger.MetricName(t.index, "temperature")},
		Target: autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: &q},
	}}}
}

func ExampleRegistry_With() {
	registry := trigger.Registry{}.With("temperature", func(cfg trigger.Config) (trigger.Trigger, error) {
		limit, err := strconv.ParseFloat(cfg.Metadata["limit"], 64)
		if err != nil {
			return nil, fmt.Errorf("%w: metadata.limit: not a number", trigger.ErrInvalid)
		}
		return temperature{cfg.Index, limit}, nil
	})
	t, err := registry.New(trigger.Config{Type: "temperature", Index: 1, Metadata: map[string]string{"limit": "36.6"}})
	fmt.Println(t.MetricSpecs()[0].External.Metric.Name, err)
	_, err = registry.New(trigger.Config{Type: "temperature", Index: 1})
	fmt.Println(err)
	// Output:
	// s1-temperature <nil>
	// triggers[1] (temperature): invalid trigger: metadata.limit: not a number
}
