package trigger_test

import (
	"testing"

	"github.com/scalemath/scalemath/keda/trigger"
)

func BenchmarkRead(b *testing.B) {
	const exposition = "# TYPE m gauge\nm{x=\"1\"} 4\nm{x=\"2\"} 7\n# TYPE c counter\nc 7\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n"
	for _, c := range []struct {
		name, kind, words, body string
	}{
		{"prometheus", "prometheus", "serverAddress=http://p; query=up; threshold=1", vectorBody},
		{"metrics-api/json", "metrics-api", "url=http://x; targetValue=1; valueLocation=a.b", `{"a":{"b":"1Ki"},"l":[1,2]}`},
		{"metrics-api/yaml", "metrics-api", "url=http://x; targetValue=1; valueLocation=a.b; format=yaml", "a:\n  b: 3\nl: [1, 2]\n"},
		{"metrics-api/prometheus", "metrics-api", "url=http://x; targetValue=1; valueLocation=c; format=prometheus", exposition},
		{"rabbitmq", "rabbitmq", "host=http://h; queueName=q; mode=MessageRate; value=1", `{"name":"q","messages":12,"messages_ready":7,"message_stats":{"publish_details":{"rate":1}}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			t := must[interface {
				trigger.Trigger
				Read(int, []byte) (trigger.Reading, error)
			}](b, c.kind, c.words)
			body := []byte(c.body)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := t.Read(200, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

const vectorBody = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1767225600,"250.5"]}]}}`

func BenchmarkNew(b *testing.B) {
	for _, c := range []struct{ kind, words string }{
		{"prometheus", "serverAddress=http://p; query=up; threshold=1"},
		{"aws-sqs-queue", "queueURL=https://sqs.eu-west-1.amazonaws.com/1/q; awsRegion=r"},
	} {
		cfg := trigger.Config{Type: c.kind, Metadata: words(c.words), AuthParams: keys}
		b.Run(c.kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := trigger.New(cfg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKafka(b *testing.B) {
	t := must[*trigger.Kafka](b, "kafka", "bootstrapServers=b; consumerGroup=g; topic=t; ensureEvenDistributionOfPartitions=true")
	var parts []trigger.KafkaPartition
	for n := range int32(64) {
		committed, end := int64(n), int64(3*n)
		parts = append(parts, trigger.KafkaPartition{Topic: "t", Partition: n, Committed: &committed, End: &end})
	}
	b.ReportAllocs()
	for b.Loop() {
		t.Read(parts, nil)
	}
}
