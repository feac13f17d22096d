package trigger_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/scalemath/scalemath/keda/trigger"
)

// FuzzNew builds any type from any words. What it accepts has metrics that marshal.
func FuzzNew(f *testing.F) {
	f.Add("prometheus", `{"serverAddress":"http://p","query":"up","threshold":"1e3"}`, `{}`, "Value")
	f.Add("kafka", `{"bootstrapServers":"b","consumerGroup":"g","topic":"t","partitionLimitation":"1-3, 7"}`, `{}`, "")
	f.Add("aws-sqs-queue", `{"queueURL":"https://h:1/1/q%2f","awsRegion":"r"}`, `{"awsAccessKeyID":"k","awsSecretAccessKey":"s"}`, "")
	f.Add("aws-dynamodb", `{"expressionAttributeValues":"{\"a\":{\"L\":[{\"M\":{}}]}}"}`, `{"awsRoleArn":"r"}`, "")
	f.Add("cpu", `{"value":"1e999999999"}`, `{}`, "AverageValue")
	f.Add("rabbitmq", `{"host":"amqp://x","queueName":"q","timeout":"9223372036854775807"}`, `{"authModes":"basic,oauth"}`, "Utilization")
	f.Add("external-push", `{"scalerAddress":"a","xFromEnv":"Y"}`, `{}`, "")
	f.Fuzz(func(t *testing.T, kind, metadata, auth, metricType string) {
		cfg := trigger.Config{Type: kind, Index: 1, MetricType: autoscalingv2.MetricTargetType(metricType), ZonePrefix: true}
		if json.Unmarshal([]byte(metadata), &cfg.Metadata) != nil || json.Unmarshal([]byte(auth), &cfg.AuthParams) != nil {
			return
		}
		cfg.ResolvedEnv = cfg.AuthParams
		made, err := trigger.New(cfg)
		if err != nil {
			if !errors.Is(err, trigger.ErrInvalid) {
				t.Errorf("not an ErrInvalid: %v", err)
			}
			return
		}
		if made.Type() != kind || made.Index() != 1 {
			t.Errorf("%s %d", made.Type(), made.Index())
		}
		if _, err := json.Marshal(made.MetricSpecs()); err != nil {
			t.Error(err)
		}
	})
}

// FuzzBodies reads any answer by each trigger over HTTP.
func FuzzBodies(f *testing.F) {
	for _, body := range []string{"", "null", `{"data":{"result":[{"value":[1,"5"]}]}}`, "m{a=\"b\"} 1\n# TYPE m gauge", "a: [1, {b: 2}]", `[{"datapoints":[[1,2]]}]`,
		`{"items":[{"messages":1}],"page_count":1}`, `{"account_details":[{"stream_detail":[{"consumer_detail":[{}]}]}]}`, "12abc"} {
		f.Add(200, body, "m{a=~\"b\",}")
		f.Add(200, body, "a.0")
	}
	f.Fuzz(func(t *testing.T, status int, body, location string) {
		for kind, text := range map[string]string{
			"prometheus": "serverAddress=http://p; query=up; threshold=1", "loki": "serverAddress=http://p; query=up; threshold=1",
			"graphite": "serverAddress=http://g; query=q; queryTime=-5Min", "rabbitmq": "host=http://h; queueName=q; useRegex=true; operation=avg",
			"nats-jetstream": "natsServerMonitoringEndpoint=n; account=a; stream=s; consumer=c",
			"metrics-api":    "url=http://x; targetValue=1", "metrics-api/yaml": "url=http://x; targetValue=1; format=yaml",
			"metrics-api/prometheus": "url=http://x; targetValue=1; format=prometheus",
			"kubernetes-resource":    "resourceKind=Secret; resourceName=n; key=k; targetValue=1; format=yaml",
		} {
			cfg := trigger.Config{Type: kind, Metadata: words(text)}
			if kind[0] == 'm' {
				cfg.Type = "metrics-api"
			}
			cfg.Metadata["valueLocation"] = location
			made, err := trigger.New(cfg)
			if err != nil {
				continue // An empty location.
			}
			var r trigger.Reading
			switch made := made.(type) {
			case interface {
				Read(int, []byte) (trigger.Reading, error)
			}:
				r, err = made.Read(status, []byte(body))
			case *trigger.NATS:
				var c trigger.NATSConsumer
				if c, err = made.Find([]byte(body)); err == nil {
					r, err = made.Read(c)
				}
			case *trigger.KubernetesResource:
				r, err = made.Read(body)
			}
			if err != nil && !errors.Is(err, trigger.ErrReading) {
				t.Errorf("%s: not an ErrReading: %v", kind, err)
			}
			if q := r.Quantity(); q.Sign() < 0 {
				t.Errorf("%s: a negative metric: %v", kind, r)
			}
		}
	})
}

// TestQuantityIsMonotone is Q1 as a law: never negative, never further than half a thousandth from the number.
func TestQuantityIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1e6, 1e6).Draw(t, "a"), rapid.Float64Range(-1e6, 1e6).Draw(t, "b")
		p, q := trigger.Quantity(a), trigger.Quantity(b)
		if a <= b && p.Cmp(q) > 0 {
			t.Fatalf("%v gives %s and %v gives %s", a, p.String(), b, q.String())
		}
		if off := p.AsApproximateFloat64() - max(a, 0); off > 0.000501 || off < -0.000501 {
			t.Fatalf("%v gives %s", a, p.String())
		}
	})
}

// TestCronWindows is C5 as a law: between two changes of the calendar nothing changes.
func TestCronWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.SampledFrom([]string{"0", "*/15", "5,35", "59"}).Draw(t, "minute")
		start := minute + " " + rapid.SampledFrom([]string{"*", "8", "2-4", "*/6"}).Draw(t, "hour") + " " + rapid.SampledFrom([]string{"*", "*/7"}).Draw(t, "day") + " * *"
		end := "30 " + rapid.SampledFrom([]string{"*", "18", "3"}).Draw(t, "end hour") + " * * " + rapid.SampledFrom([]string{"*", "1-5", "sun"}).Draw(t, "weekday")
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"}).Draw(t, "zone")
		made, err := trigger.New(trigger.Config{Type: "cron", Metadata: map[string]string{"timezone": zone, "start": start, "end": end, "desiredReplicas": "3"}})
		if err != nil {
			t.Fatal(err)
		}
		cron := made.(*trigger.Cron)
		from := time.Unix(rapid.Int64Range(1500000000, 2100000000).Draw(t, "from"), 0)
		changes, err := cron.NextChanges(from, 3)
		if err != nil {
			t.Fatal(err)
		}
		active, _ := cron.At(from)
		last := from
		for _, c := range changes {
			if !c.At.After(last) || c.Active == active {
				t.Fatalf("%v after %v, from %v", c, last, active)
			}
			middle := last.Add(c.At.Sub(last) / 2)
			if got, _ := cron.At(middle); got != active {
				t.Fatalf("%v between %v and %v", got, last, c.At)
			}
			last, active = c.At, c.Active
		}
	})
}
