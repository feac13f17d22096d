package trigger_test

import (
	"fmt"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// made is a trigger for an example.
func made(kind string, metadata map[string]string) trigger.Trigger {
	t, err := trigger.New(trigger.Config{Type: kind, Metadata: metadata, AuthParams: keys})
	if err != nil {
		panic(err)
	}
	return t
}

func ExampleSQS_Read() {
	t := made("aws-sqs-queue", map[string]string{"queueURL": "https://sqs.eu-west-1.amazonaws.com/1/jobs", "awsRegion": "eu-west-1"}).(*trigger.SQS)
	fmt.Println(t.Read(map[string]string{trigger.SQSVisible: "9", trigger.SQSInFlight: "3"}))
	fmt.Println(t.Read(map[string]string{trigger.SQSVisible: "9"}))
	// Output:
	// s0-aws-sqs-jobs: 12 of 5 a replica, active <nil>
	// : 0 of no target, inactive unusable reading: attribute ApproximateNumberOfMessagesNotVisible is not there
}

func ExampleRabbitMQ_Queue() {
	t := made("rabbitmq", map[string]string{"host": "http://rabbit", "queueName": "jobs", "mode": trigger.RabbitExpectedQueueConsumptionTime, "value": "30"})
	// 600 messages, 2 more published each second and 12 delivered.
	fmt.Println(t.(*trigger.RabbitMQ).Queue(600, 2, 12))
	// Output:
	// s0-rabbitmq-jobs: 49.167 of 30 a replica, active
}

func ExampleMetricsAPI_Read() {
	t := made("metrics-api", map[string]string{"url": "http://api/stats", "valueLocation": "queues.#(name==\"mail\").size", "targetValue": "10"})
	fmt.Println(t.(*trigger.MetricsAPI).Read(200, []byte(`{"queues":[{"name":"mail","size":"1k"},{"name":"print","size":3}]}`)))
	// Output:
	// s0-metric-api-queues-#-name=="mail"--size: 1k of 10 a replica, active <nil>
}

func ExampleCloudWatch_Window() {
	t := made("aws-cloudwatch", map[string]string{
		"awsRegion": "eu-west-1", "expression": "SELECT MAX(x) FROM y", "targetMetricValue": "10", "minMetricValue": "0",
		"metricStatPeriod": "60", "metricCollectionTime": "120", "metricEndTimeOffset": "30",
	})
	fmt.Println(t.(*trigger.CloudWatch).Window(time.Date(2026, 1, 1, 12, 1, 15, 0, time.UTC)))
	// Output:
	// 2026-01-01 11:58:00 +0000 UTC 2026-01-01 12:00:00 +0000 UTC
}

func ExampleRedisStreams_Counts() {
	for _, more := range []map[string]string{{}, {"consumerGroup": "g"}, {"consumerGroup": "g", "lagCount": "10"}} {
		more["address"], more["stream"] = "redis:6379", "jobs"
		t := made("redis-streams", more).(*trigger.RedisStreams)
		fmt.Println(t.Counts(), t.Read(7))
	}
	// Output:
	// length s0-redis-streams-jobs: 7 of 5 a replica, active
	// pending s0-redis-streams-jobs: 7 of 5 a replica, active
	// lag s0-redis-streams-jobs: 7 of 10 a replica, active
}
