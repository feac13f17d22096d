package trigger_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalemath/scalemath/keda/trigger"
)

func must[T trigger.Trigger](t testing.TB, kind, text string) T {
	t.Helper()
	made, err := trigger.New(trigger.Config{Type: kind, Metadata: words(text), AuthParams: keys, Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	return made.(T)
}

// outcome is a reading in short: the value and whether it is active, or an exclamation mark for an error.
func outcome(r trigger.Reading, err error) string {
	if err != nil {
		if !errors.Is(err, trigger.ErrReading) {
			return "not an ErrReading: " + err.Error()
		}
		return "!"
	}
	q := r.Quantity()
	return fmt.Sprint(q.AsApproximateFloat64(), " ", r.Active)
}

// TestPrometheusBodies is S1.
func TestPrometheusBodies(t *testing.T) {
	const all = "serverAddress=http://p; query=up; threshold=1"
	one := func(value string) string {
		return `{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,` + value + `]}]}}`
	}
	for _, c := range []struct {
		words  string
		status int
		body   string
		want   string
	}{
		{all, 200, one(`"5.5"`), "5.5 true"},
		{all, 299, one(`"-2"`), "0 false"},
		{all + "; activationThreshold=-3", 200, one(`"-2"`), "0 true"}, // the activity sees the value unclamped
		{all, 302, one(`"5"`), "!"},
		{all, 200, one(`null`), "0 false"},
		{all + "; activationThreshold=-1.5", 200, one(`null`), "0 true"}, // null is -1
		{all, 200, one(`5`), "!"},                                        // upstream panics
		{all, 200, one(`"x"`), "!"},
		{all, 200, one(`"+Inf"`), "0 false"},
		{all + "; ignoreNullValues=false", 200, one(`"NaN"`), "!"},
		{all, 200, `{"data":{"result":[]}}`, "0 false"},
		{all + "; ignoreNullValues=false", 200, `{"data":{"result":[]}}`, "!"},
		{all, 200, `{"data":{"result":[{"value":[]}]}}`, "0 false"},
		{all, 200, `{"data":{"result":[{"value":[1]}]}}`, "!"},
		{all, 200, `{"data":{"result":[{},{}]}}`, "!"},
		{all, 200, `{"data":{"resultType":"scalar","result":[1,"5"]}}`, "!"},
		{all, 200, `<html>`, "!"},
		{all, 200, ``, "!"},
	} {
		if got := outcome(must[*trigger.Prometheus](t, "prometheus", c.words).Read(c.status, []byte(c.body))); got != c.want {
			t.Errorf("%s %d %s: %s, want %s", c.words, c.status, c.body, got, c.want)
		}
	}
	// Loki differs in two points.
	loki := must[*trigger.Loki](t, "loki", all+"; activationThreshold=-0.5")
	if got := outcome(loki.Read(200, []byte(one(`null`)))); got != "0 true" {
		t.Errorf("loki null: %s", got)
	}
	if got := outcome(loki.Read(200, []byte(one(`"+Inf"`)))); got != "0 true" {
		t.Errorf("loki infinity: %s", got)
	}
}

func TestGraphiteBodies(t *testing.T) {
	g := must[*trigger.Graphite](t, "graphite", "serverAddress=http://g; query=q; queryTime=-5Min")
	for body, want := range map[string]string{
		`[]`: "0 false", `[{"datapoints":[]}]`: "0 false", `[{"datapoints":[[1.5,1],[2.5,2]]}]`: "2.5 true", `[{"datapoints":[[1.5,1],[null,2]]}]`: "1.5 true",
		`[{"datapoints":[[null,1]]}]`: "!", `[{},{}]`: "!", `{}`: "!", `[{"datapoints":[[]]}]`: "!",
	} {
		if got := outcome(g.Read(500, []byte(body))); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

// TestMetricsAPIFormats is S2.
func TestMetricsAPIFormats(t *testing.T) {
	const text = "# HELP m help\n# TYPE m gauge\nm{x=\"1\"} 4\nm{x=\"2\",} 7 1700000000\n# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_sum 4\nh_count 3\n" +
		"# TYPE s summary\ns{quantile=\"0.5\"} 2\ns_count 9\nplain 5\nx_count 6\n{\"odd.name\",a=\"b\\n\"} 8"
	for _, c := range []struct{ format, location, body, want string }{
		{"json", "a.b", `{"a":{"b":3}}`, "3 true"},
		{"json", "a.b", `{"a":{"b":"1Ki"}}`, "1024 true"},
		{"json", "a.#", `{"a":[1,2]}`, "2 true"},
		{"json", "a", `{"a":true}`, "!"},
		{"json", "z", `{"a":true}`, "!"},
		{"json", "a", ``, "!"},
		{"yaml", "a.b", "a:\n  b: 3\n", "3 true"},
		{"yaml", "a.b.c.d", "a:\n  b: 3\n", "3 true"}, // stops at the first scalar
		{"yaml", "l.1", "l: [1, 500m]", "0.5 true"},
		{"yaml", "l.01", "l: [1, 2]", "!"},
		{"yaml", "l", "l: [1, 2]", "!"},
		{"yaml", "l", "- 1", "!"},
		{"yaml", "a", "a: 1\na: 2", "!"},
		{"prometheus", "m", text, "4 true"},
		{"prometheus", `m{x="2"}`, text, "7 true"},
		{"prometheus", `m{x!="2"}`, text, "7 true"}, // equality whatever the operator
		{"prometheus", `m{x=~"1|2"}`, text, "!"},
		{"prometheus", `{__name__="plain"}`, text, "5 true"},
		{"prometheus", `{"odd.name"}`, text, "8 true"},
		{"prometheus", "plain{}", text, "5 true"},
		{"prometheus", "h", text, "!"},
		{"prometheus", "h_count", text, "!"},
		{"prometheus", "s_count", text, "!"},
		{"prometheus", "x_count", text, "6 true"},
		{"prometheus", "nope", text, "!"},
		{"prometheus", "{}", text, "!"},
		{"prometheus", "m{x=~\"(\"}", text, "!"},
		{"prometheus", "m[5m]", text, "!"},
		{"prometheus", "m", "m 1\nm two\n", "!"},
		{"prometheus", "m", "m 1\n# TYPE m gauge\n", "!"},
		{"prometheus", "m", "m{a=\"1\",a=\"2\"} 1\n", "!"},
		{"prometheus", "m", "m 1\r\nn 2\r\n", "1 true"},
		{"xml", "a", "<a>1</a>", "!"},
	} {
		made, err := trigger.New(trigger.Config{Type: "metrics-api", Metadata: map[string]string{
			"url": "http://x", "targetValue": "1", "format": c.format, "valueLocation": c.location,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := outcome(made.(*trigger.MetricsAPI).Read(200, []byte(c.body))); got != c.want {
			t.Errorf("%s %s of %q: %s, want %s", c.format, c.location, c.body, got, c.want)
		}
	}
	for _, status := range []int{199, 201, 404} {
		m := must[*trigger.MetricsAPI](t, "metrics-api", "url=http://x; targetValue=1; valueLocation=a")
		if got := outcome(m.Read(status, []byte(`{"a":1}`))); got != "!" {
			t.Errorf("status %d: %s", status, got)
		}
	}
}

func TestMetricsAPIJoin(t *testing.T) {
	for kind, want := range map[string]string{"average": "3 true", "sum": "9 true", "min": "1 true", "max": "5 true"} {
		m := must[*trigger.MetricsAPI](t, "metrics-api", "url=http://x; targetValue=1; valueLocation=a; aggregationType="+kind)
		if got := outcome(m.Join([]float64{3, 5, 1}, 2)); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		if got := outcome(m.Join(nil, 2)); got != "!" {
			t.Errorf("%s of none: %s", kind, got)
		}
	}
}

// TestRabbitMQModes is S8, with the activation value 2 everywhere.
func TestRabbitMQModes(t *testing.T) {
	for _, c := range []struct {
		mode             string
		messages         int64
		publish, deliver float64
		want             string
	}{
		{trigger.RabbitQueueLength, 3, 9, 9, "3 true"},
		{trigger.RabbitQueueLength, 2, 9, 9, "2 false"},
		{trigger.RabbitMessageRate, 3, 1, 0, "1 true"}, // the messages alone keep it awake
		{trigger.RabbitDeliverGetRate, 9, 9, 2, "2 false"},
		{trigger.RabbitPublishedToDeliveredRatio, 0, 6, 2, "3 true"},
		{trigger.RabbitPublishedToDeliveredRatio, 0, 6, 0, "2 true"},
		{trigger.RabbitPublishedToDeliveredRatio, 0, 0, 0, "0 false"},
		{trigger.RabbitExpectedQueueConsumptionTime, 0, 6, 2, "0 false"},
		{trigger.RabbitExpectedQueueConsumptionTime, 4, 6, 2, "4 true"},
		{trigger.RabbitExpectedQueueConsumptionTime, 4, 6, 0, "2 true"},
	} {
		r := must[*trigger.RabbitMQ](t, "rabbitmq", "host=http://h; queueName=q; value=1; activationValue=2; mode="+c.mode)
		if got := outcome(r.Queue(c.messages, c.publish, c.deliver), nil); got != c.want {
			t.Errorf("%s of %d, %v, %v: %s, want %s", c.mode, c.messages, c.publish, c.deliver, got, c.want)
		}
	}
	old := must[*trigger.RabbitMQ](t, "rabbitmq", "host=http://h; queueName=q; queueLength=7")
	plain := must[*trigger.RabbitMQ](t, "rabbitmq", "host=http://h; queueName=q")
	if old.Mode != trigger.RabbitQueueLength || old.Value != 7 || plain.Value != 20 {
		t.Errorf("%s %v, %v", old.Mode, old.Value, plain.Value)
	}
}

// TestSQSQueueName is S3's rule of the name.
func TestSQSQueueName(t *testing.T) {
	for url, want := range map[string]string{
		"https://sqs.eu-west-1.amazonaws.com/1/q.fifo": "q.fifo", "plain": "plain", "a/b:c": "a/b:c", "UP(per)": "UP(per)", "tenant%2Fx": "tenant%2Fx",
		"https://h/1/q?x=1": "q", "/1/q": "q", "https://h:port/1/q": "https://h:port/1/q",
	} {
		if got := must[*trigger.SQS](t, "aws-sqs-queue", "awsRegion=r; queueURL="+url).QueueName; got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestCloudWatchWindow is S4.
func TestCloudWatchWindow(t *testing.T) {
	c := must[*trigger.CloudWatch](t, "aws-cloudwatch", "awsRegion=r; targetMetricValue=1; minMetricValue=7; expression=x; metricStatPeriod=60; metricEndTimeOffset=30; ignoreNullValues=false")
	start, end := c.Window(time.Date(2026, 1, 1, 12, 1, 15, 0, time.UTC))
	if want := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); !end.Equal(want) || end.Sub(start) != 5*time.Minute {
		t.Errorf("%v to %v", start, end)
	}
	for _, v := range []struct {
		results [][]float64
		want    string
	}{{[][]float64{{3, 9}, {8}}, "3 true"}, {nil, "7 true"}, {[][]float64{{}}, "!"}} {
		if got := outcome(c.Read(v.results)); got != v.want {
			t.Errorf("%v: %s, want %s", v.results, got, v.want)
		}
	}
}

// TestWorkload is S9.
func TestWorkload(t *testing.T) {
	pod := func(namespace, app, node string, phase corev1.PodPhase) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: map[string]string{"app": app}}, Spec: corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{Phase: phase}}
	}
	pods := []corev1.Pod{
		pod("ns", "a", "n1", corev1.PodRunning), pod("ns", "a", "n1", corev1.PodPending), pod("ns", "a", "", ""), pod("ns", "a", "n2", corev1.PodFailed),
		pod("ns", "b", "n2", corev1.PodRunning), pod("other", "a", "n3", corev1.PodRunning), pod("ns", "a", "n2", corev1.PodSucceeded),
	}
	for text, want := range map[string]string{"": "3 true", "; groupByNode=true": "1 true"} {
		w := must[*trigger.Workload](t, "kubernetes-workload", "podSelector=app=a; value=1"+text)
		if got := outcome(w.Read(pods), nil); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestKubernetesResource is S10.
func TestKubernetesResource(t *testing.T) {
	for _, c := range []struct{ words, text, want string }{
		{"", "12abc", "12 true"}, {"", "abc", "!"}, {"valueType=int64", "12.7", "12 true"}, {"valueType=quantity", "2k", "2000 true"},
		{"format=json; valueLocation=a.b", `{"a":{"b":"500m"}}`, "0.5 true"}, {"format=json; valueLocation=a; valueType=int64", `{"a":"1"}`, "!"},
		{"format=json; valueLocation=z", `{}`, "!"}, {"format=yaml; valueLocation=a", "a: 7up", "7 true"}, {"format=yaml; valueLocation=a", "a: true", "!"},
	} {
		r := must[*trigger.KubernetesResource](t, "kubernetes-resource", "resourceKind=ConfigMap; resourceName=n; key=k; targetValue=1; "+c.words)
		if got := outcome(r.ReadConfigMap(&corev1.ConfigMap{Data: map[string]string{"k": c.text}})); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.words, c.text, got, c.want)
		}
		if got := outcome(r.ReadSecret(&corev1.Secret{})); got != "!" {
			t.Errorf("a Secret: %s", got)
		}
	}
}

// TestKafka is S12.
func TestKafka(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	part := func(number int32, committed, end int64) trigger.KafkaPartition {
		return trigger.KafkaPartition{Topic: "t", Partition: number, Committed: n(committed), End: n(end)}
	}
	retained := part(0, -1, 100)
	retained.Earliest = n(90)
	for _, c := range []struct {
		words string
		parts []trigger.KafkaPartition
		want  string
	}{
		{"", []trigger.KafkaPartition{part(0, 0, 5), part(1, 0, 7)}, "12 true"},
		{"", []trigger.KafkaPartition{part(0, 0, 500), part(1, 0, 0)}, "20 true"}, // at most one consumer a partition
		{"allowIdleConsumers=true", []trigger.KafkaPartition{part(0, 0, 500)}, "500 true"},
		{"limitToPartitionsWithLag=true", []trigger.KafkaPartition{part(0, 0, 500), part(1, 3, 3)}, "10 true"},
		{"ensureEvenDistributionOfPartitions=true", []trigger.KafkaPartition{part(0, 0, 5), part(1, 0, 5), part(2, 0, 5), part(3, 0, 7)}, "40 true"}, // 22 need 3 of 4: 4
		{"", []trigger.KafkaPartition{part(0, -1, 100)}, "1 true"},
		{"scaleToZeroOnInvalidOffset=true", []trigger.KafkaPartition{part(0, -1, 100)}, "0 false"},
		{"offsetResetPolicy=earliest", []trigger.KafkaPartition{part(0, -1, 9)}, "9 true"},
		{"offsetResetPolicy=earliest; allowIdleConsumers=true", []trigger.KafkaPartition{retained}, "10 true"},
		{"offsetResetPolicy=earliest; scaleToZeroOnInvalidOffset=true", []trigger.KafkaPartition{retained}, "0 false"},
		{"", []trigger.KafkaPartition{part(0, 9, 4)}, "0 false"},                 // negative lags are not clamped one by one
		{"", []trigger.KafkaPartition{part(0, 9, 4), part(1, 0, 8)}, "3 true"},   //
		{"", []trigger.KafkaPartition{{Topic: "t", Committed: n(3)}}, "0 false"}, // no answer about the log's end
		{"", []trigger.KafkaPartition{{Topic: "t", End: n(3)}}, "!"},
		{"", []trigger.KafkaPartition{{Topic: "t", End: n(3), Committed: n(1), Err: errors.New("boom")}}, "!"},
		{"partitionLimitation=1-2", []trigger.KafkaPartition{part(0, 0, 5), part(1, 0, 7)}, "7 true"},
		{"activationLagThreshold=7", []trigger.KafkaPartition{part(0, 0, 7)}, "7 false"},
	} {
		k := must[*trigger.Kafka](t, "kafka", "bootstrapServers=b; consumerGroup=g; topic=t; "+c.words)
		r, _, err := k.Read(c.parts, nil)
		if got := outcome(r, err); got != c.want {
			t.Errorf("%s: %s, want %s", c.words, got, c.want)
		}
	}
	stuck := must[*trigger.Kafka](t, "kafka", "bootstrapServers=b; consumerGroup=g; topic=t; excludePersistentLag=true")
	var state trigger.KafkaState
	for i, want := range []string{"5 true", "0 true", "4 true"} {
		committed := []int64{0, 0, 1}[i]
		r, next, err := stuck.Read([]trigger.KafkaPartition{part(0, committed, 5)}, state)
		if got := outcome(r, err); got != want {
			t.Errorf("reading %d: %s, want %s", i, got, want)
		}
		if i == 1 && state["t"][0] != 0 {
			t.Error("the caller's state changed")
		}
		state = next
	}
	other := must[*trigger.Kafka](t, "apache-kafka", "bootstrapServers=b; consumerGroup=g; topic=t,u")
	if other.Metric() != "s0-kafka-t,u" {
		t.Errorf("metric %s", other.Metric())
	}
}

func TestSQLAndRedis(t *testing.T) {
	x := 3.5
	for kind, text := range map[string]string{"postgresql": "query=q; targetQueryValue=1; host=h; port=1; userName=u; dbName=d; sslmode=s", "mysql": "query=q; queryValue=1; dbName=shop", "mssql": "query=q; targetValue=1; host=h"} {
		s := must[*trigger.SQL](t, kind, text)
		noRow := "!"
		if kind == "mssql" {
			noRow = "0 false"
		}
		if got := outcome(s.Read(&x)) + ", " + outcome(s.Read(nil)) + ", " + outcome(s.NoRow()); got != "3.5 true, !, "+noRow {
			t.Errorf("%s: %s", kind, got)
		}
	}
	r := must[*trigger.Redis](t, "redis", "listName=l; hosts=a, ::1; ports=1,2")
	if fmt.Sprint(r.Server.Addresses) != "[a:1 [::1]:2]" {
		t.Errorf("%v", r.Server.Addresses)
	}
	for kind, want := range map[string]string{"list": "LLEN", "none": "LLEN", "zset": "ZCARD", "set": "SCARD", "hash": "HLEN", "stream": ""} {
		if got, err := r.LengthCommand(kind); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %s %v", kind, got, err)
		}
	}
	for text, want := range map[string]trigger.RedisCount{"": trigger.RedisLength, "; consumerGroup=g": trigger.RedisPending, "; consumerGroup=g; lagCount=3": trigger.RedisLag, "; lagCount=3": trigger.RedisLength} {
		if got := must[*trigger.RedisStreams](t, "redis-streams", "address=a:1; stream=s"+text).Counts(); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	s := must[*trigger.RedisStreams](t, "redis-streams", "address=a:1; stream=s; consumerGroup=g; lagCount=3")
	for info, ok := range map[string]bool{"redis_version:7.0.15\r\n": true, "redis_version:6.2\r\n": false, "": false, "redis_version:x\n": false} {
		if err := s.SupportsLag(info); (err == nil) != ok {
			t.Errorf("%q: %v", info, err)
		}
	}
}

func TestNATSFind(t *testing.T) {
	n := must[*trigger.NATS](t, "nats-jetstream", "natsServerMonitoringEndpoint=n:8222; account=$G; stream=s; consumer=c")
	body := `{"meta_cluster":{"cluster_size":3},"account_details":[{"name":"$G","id":"X","stream_detail":[{"name":"s","consumer_detail":[{"name":"c","num_pending":20,"num_ack_pending":5,"cluster":{"leader":"n1"}}]}]}]}`
	found, err := n.Find([]byte(body))
	if err != nil || found != (trigger.NATSConsumer{ClusterSize: 3, Found: true, Leader: "n1", Lag: 25}) {
		t.Errorf("%+v %v", found, err)
	}
	if got := outcome(n.Read(found)); got != "25 true" {
		t.Error(got)
	}
	if found, err = n.Find([]byte(`{}`)); err != nil || outcome(n.Read(found)) != "!" {
		t.Errorf("%+v %v", found, err)
	}
}

func TestQuantity(t *testing.T) {
	for x, want := range map[float64]string{0.0005: "1m", 0.00049999: "0", -1: "0", 2.5: "2500m", 1e3: "1k", math.Inf(1): "0"} {
		if q := trigger.Quantity(x); q.Cmp(quantity(want)) != 0 {
			t.Errorf("%v: %s, want %s", x, q.String(), want)
		}
	}
	if q := trigger.Quantity(math.NaN()); !q.IsZero() {
		t.Errorf("NaN: %s", q.String())
	}
}

func quantity(text string) resource.Quantity { return resource.MustParse(text) }
