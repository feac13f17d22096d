package trigger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/keda/trigger"
)

// words are metadata as "key=value; key=value".
func words(text string) map[string]string {
	m := map[string]string{}
	for _, part := range strings.Split(text, "; ") {
		if key, value, ok := strings.Cut(part, "="); ok {
			m[key] = value
		}
	}
	return m
}

var keys = map[string]string{"awsAccessKeyID": "AKIAEXAMPLE", "awsSecretAccessKey": "wJalrXUtnFEMI"}

// TestBadWords gives each type something that makes no sense and wants the field in the error.
func TestBadWords(t *testing.T) {
	const cron = "timezone=UTC; start=0 8 * * *; end=0 9 * * *; desiredReplicas=1; "
	for _, c := range []struct{ kind, words, want string }{
		{"nonsense", "", `triggers[3]: type "nonsense": invalid trigger: unknown type`},
		{"cron", "", "metadata.start: missing"},
		{"cron", cron + "start=0 8 * *", "metadata.start: expected exactly 5 fields"},
		{"cron", cron + "start=0 0 8 * * *", "metadata.start: expected exactly 5 fields"},
		{"cron", cron + "start=@daily", "metadata.start"},
		{"cron", cron + "start=TZ=0", "metadata.start"},
		{"cron", cron + "end=CRON_TZ=UTC 0 9 * * *", "metadata.end"},
		{"cron", cron + "end= 0 8 * * * ", "metadata.end"},
		{"cron", cron + "end=0 9 * * 7", "metadata.end"},
		{"cron", cron + "end=*/0 9 * * *", "metadata.end"},
		{"cron", cron + "desiredReplicas=0", "metadata.desiredReplicas"},
		{"cron", cron + "desiredReplicas=05", `metadata.desiredReplicas: "05" is not an integer`},
		{"cron", cron + "desiredReplicas=1.0", "metadata.desiredReplicas"},
		{"cron", cron + "desiredReplicas=null", "metadata.desiredReplicas"},
		{"cpu", "value=50", `metricType: ""`},
		{"memory", "", "metadata.value: missing"},
		{"prometheus", "serverAddress=http://p; query=up; threshold=.5", `metadata.threshold: ".5" is not a number`},
		{"prometheus", "serverAddress=http://p; query=up; threshold=1; ignoreNullValues=perhaps", "metadata.ignoreNullValues"},
		{"prometheus", "serverAddress=http://p; query=up; threshold=1; timeout=-1s", "metadata.timeout"},
		{"prometheus", "serverAddress=http://p; query=up; threshold=1; customHeaders=a", "metadata.customHeaders"},
		{"prometheus", "serverAddress=http://p; query=up; threshold=1; authModes=guess", "metadata.authModes"},
		{"prometheus", "serverAddress=http://p; query=up; threshold=1; authModes=basic", "authParams.username"},
		{"metrics-api", "url=http://x; valueLocation=a", "metadata.targetValue"},
		{"metrics-api", "url=http://x; valueLocation=a; targetValue=1; format=csv", "metadata.format"},
		{"rabbitmq", "queueName=q; host=ftp://x", "metadata.host"},
		{"rabbitmq", "queueName=q; host=amqp://x; mode=MessageRate; value=1", "metadata.mode"},
		{"rabbitmq", "queueName=q; host=http://x; mode=QueueLength", "metadata.value: missing"},
		{"rabbitmq", "queueName=q; host=http://x; queueLength=1; value=2", "metadata.queueLength"},
		{"rabbitmq", "queueName=q; host=http://x; pageSize=0", "metadata.pageSize"},
		{"aws-sqs-queue", "awsRegion=eu-west-1", "metadata.queueURL: missing"},
		{"aws-sqs-queue", "awsRegion=eu-west-1; queueURL=https://sqs/1/2/3", "metadata.queueURL"},
		{"aws-cloudwatch", "awsRegion=r; targetMetricValue=1; minMetricValue=0; expression=x; metricStatPeriod=90", "metadata.metricStatPeriod"},
		{"aws-cloudwatch", "awsRegion=r; targetMetricValue=1; minMetricValue=0; expression=x; metricCollectionTime=301", "metadata.metricCollectionTime"},
		{"aws-cloudwatch", "awsRegion=r; targetMetricValue=1; minMetricValue=0", "metadata.namespace: missing"},
		{"aws-dynamodb", "awsRegion=r; tableName=t; keyConditionExpression=k; expressionAttributeNames={}; expressionAttributeValues={}; targetValue=1", "expressionAttributeNames"},
		{"aws-dynamodb", `awsRegion=r; tableName=t; keyConditionExpression=k; expressionAttributeNames={"#a":"a"}; expressionAttributeValues={":a":{"S":1}}; targetValue=1`, "expressionAttributeValues"},
		{"kubernetes-workload", "podSelector=a in; value=1", "metadata.podSelector"},
		{"kubernetes-workload", "podSelector=a=b; value=0", "metadata.value"},
		{"kubernetes-resource", "resourceKind=Pod; resourceName=x; key=k; targetValue=1", "metadata.resourceKind"},
		{"kubernetes-resource", "resourceKind=Secret; resourceName=x; key=k; targetValue=1; format=json", "metadata.valueLocation: missing"},
		{"nats-jetstream", "natsServerMonitoringEndpoint=n; stream=s; consumer=c", "metadata.account: missing"},
		{"postgresql", "query=q; targetQueryValue=1", "metadata.host: missing"},
		{"mssql", "query=q; targetValue=1; host=h; port=x", "metadata.port"},
		{"redis", "listName=l", "metadata.address: missing"},
		{"redis", "listName=l; hosts=a,b; ports=1", "metadata.hosts"},
		{"redis-streams", "address=a:1", "metadata.stream: missing"},
		{"kafka", "bootstrapServers=b; consumerGroup=g; lagThreshold=0", "metadata.lagThreshold"},
		{"kafka", "bootstrapServers=b; consumerGroup=g; limitToPartitionsWithLag=true", "needs a topic"},
		{"kafka", "bootstrapServers=b; consumerGroup=g; topic=t; partitionLimitation=1-2-3", "metadata.partitionLimitation"},
		{"kafka", "bootstrapServers=b; consumerGroup=g; topic=t; partitionLimitation=0-2000000000", "metadata.partitionLimitation"},
		{"external", "", "metadata.scalerAddress: missing"},
		{"graphite", "serverAddress=g; query=q", "metadata.queryTime: missing"},
		{"loki", "serverAddress=g; query=q; threshold=x", "metadata.threshold"},
	} {
		_, err := trigger.New(trigger.Config{Type: c.kind, Index: 3, Metadata: words(c.words), AuthParams: keys})
		switch {
		case err == nil:
			t.Errorf("%s %q: accepted", c.kind, c.words)
		case !errors.Is(err, trigger.ErrInvalid) || !strings.HasPrefix(err.Error(), "triggers[3]") || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s %q: %v, want %s", c.kind, c.words, err, c.want)
		}
	}
}

func TestUtilizationIsForResourcesAlone(t *testing.T) {
	_, err := trigger.New(trigger.Config{Type: "loki", MetricType: "Utilization", Metadata: words("serverAddress=g; query=q; threshold=1")})
	if !errors.Is(err, trigger.ErrInvalid) || !strings.Contains(err.Error(), "metricType") {
		t.Errorf("%v", err)
	}
}

// TestNoCredentialInAnError gives every type credentials that do not fit, in every place.
func TestNoCredentialInAnError(t *testing.T) {
	const password = "tr0ub4dor"
	params := map[string]string{}
	for _, name := range []string{"username", "password", "bearerToken", "token", "cert", "key", "ca", "customAuthHeader", "customAuthValue", "apiKey",
		"method", "oauthTokenURI", "clientID", "clientSecret", "scopes", "endpointParams", "authModes", "host", "port", "connection", "connectionString",
		"tls", "sasl", "protocol", "vhostName", "driverName", "awsAccessKeyID", "awsRegion", "account", "natsServerMonitoringEndpoint", "address", "Cert"} {
		params[name] = password
	}
	env := map[string]string{"V": password}
	written := words("hostFromEnv=V; connectionFromEnv=V; passwordFromEnv=V; host=http://u:" + password + "@h; url=http://u:" + password + "@h; customHeaders=" + password)
	for _, kind := range (trigger.Registry{}).Types() {
		_, err := trigger.New(trigger.Config{Type: kind, Metadata: written, AuthParams: params, ResolvedEnv: env})
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestNoCredentialInADump prints triggers in every way that a log might.
func TestNoCredentialInADump(t *testing.T) {
	const password = "tr0ub4dor"
	for kind, text := range map[string]string{
		"prometheus":    "serverAddress=http://p; query=up; threshold=1; authModes=basic",
		"postgresql":    "query=q; targetQueryValue=1; host=h; port=1; userName=u; dbName=d; sslmode=disable",
		"redis":         "listName=l; address=a:1",
		"aws-sqs-queue": "queueURL=q; awsRegion=r",
	} {
		made, err := trigger.New(trigger.Config{Type: kind, Metadata: words(text), AuthParams: map[string]string{
			"username": "u", "password": password, "awsAccessKeyID": "k", "awsSecretAccessKey": password,
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if strings.Contains(fmt.Sprintf(format, made), password) {
				t.Errorf("%s: %s shows the password", kind, format)
			}
		}
	}
}
