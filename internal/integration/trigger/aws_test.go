package trigger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/aws"
)

// cloud is a running moto_server.
type cloud struct {
	testing.TB
	endpoint string
	config   sdk.Config
}

func start(t testing.TB) cloud {
	t.Helper()
	program := server.Program(t, "moto_server")
	port := server.Port(t)
	server.Start(t, server.Command{Path: program, Dir: server.Dir(t, nil), Args: []string{"-H", "127.0.0.1", "-p", strconv.Itoa(port)}}, 60*time.Second, server.Listens(port))
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", port)
	return cloud{t, endpoint, sdk.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
		return sdk.Credentials{AccessKeyID: "k", SecretAccessKey: "s"}, nil
	})}}
}

// source is the source of one of Amazon's triggers.
func (c cloud) source(kind string, metadata map[string]string) trigger.Source {
	c.Helper()
	metadata["awsRegion"], metadata["awsEndpoint"] = "eu-west-1", c.endpoint
	s, err := aws.New(build(c, kind, metadata, map[string]string{"awsAccessKeyID": "k", "awsSecretAccessKey": "secret"}), aws.Options{})
	if err != nil {
		c.Fatal(err)
	}
	return s
}

func (c cloud) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func TestSQS(t *testing.T) {
	c, ctx := start(t), context.Background()
	api := sqs.NewFromConfig(c.config)
	queue, err := api.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: sdk.String("jobs")})
	c.must(err)
	for i := range 9 {
		delay := int32(0)
		if i < 2 {
			delay = 600
		}
		_, err := api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: sdk.String("x"), DelaySeconds: delay})
		c.must(err)
	}
	got, err := api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 3, VisibilityTimeout: 600})
	c.must(err)
	if len(got.Messages) != 3 {
		t.Fatalf("received %d", len(got.Messages))
	}
	// 4 to be had, 3 in flight, 2 delayed.
	for words, want := range map[string]float64{"": 7, "scaleOnInFlight=false": 4, "scaleOnDelayed=true": 9, "scaleOnInFlight=false scaleOnDelayed=true": 6} {
		m := map[string]string{"queueURL": *queue.QueueUrl}
		for _, w := range strings.Fields(words) {
			key, value, _ := strings.Cut(w, "=")
			m[key] = value
		}
		gives(t, "jobs "+words, c.source("aws-sqs-queue", m), want, true)
	}
	gives(t, "activation", c.source("aws-sqs-queue", map[string]string{"queueURL": *queue.QueueUrl, "activationQueueLength": "7"}), 7, false)
	fails(t, "no such queue", c.source("aws-sqs-queue", map[string]string{"queueURL": c.endpoint + "/123456789012/other"}))
}

func TestCloudWatch(t *testing.T) {
	c, ctx := start(t), context.Background()
	api := cloudwatch.NewFromConfig(c.config)
	now := time.Now().Truncate(time.Minute)
	for age, value := range map[time.Duration]float64{2 * time.Minute: 5, 4 * time.Minute: 50} {
		_, err := api.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: sdk.String("Shop"), MetricData: []cloudwatchtypes.MetricDatum{{
			MetricName: sdk.String("Waiting"), Value: sdk.Float64(value), Timestamp: sdk.Time(now.Add(-age)),
			Dimensions: []cloudwatchtypes.Dimension{{Name: sdk.String("Queue"), Value: sdk.String("mail")}},
		}}})
		c.must(err)
	}
	words := func(more ...string) map[string]string {
		m := map[string]string{"namespace": "Shop", "metricName": "Waiting", "dimensionName": "Queue", "dimensionValue": "mail", "targetMetricValue": "2.5",
			"minMetricValue": "1", "metricStatPeriod": "60", "metricCollectionTime": "300"}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	gives(t, "the latest value", c.source("aws-cloudwatch", words()), 5, true)
	gives(t, "the value before", c.source("aws-cloudwatch", words("metricEndTimeOffset", "120")), 50, true)
	gives(t, "none", c.source("aws-cloudwatch", words("metricName", "Nothing")), 1, true)
	fails(t, "none, strictly", c.source("aws-cloudwatch", words("metricName", "Nothing", "ignoreNullValues", "false")))
}

func TestKinesis(t *testing.T) {
	c, ctx := start(t), context.Background()
	_, err := kinesis.NewFromConfig(c.config).CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: sdk.String("clicks"), ShardCount: sdk.Int32(3)})
	c.must(err)
	comesTo(t, "shards", c.source("aws-kinesis-stream", map[string]string{"streamName": "clicks"}), 3)
	fails(t, "no such stream", c.source("aws-kinesis-stream", map[string]string{"streamName": "other"}))
}

func TestDynamoDB(t *testing.T) {
	c, ctx := start(t), context.Background()
	api := dynamodb.NewFromConfig(c.config)
	for table, stream := range map[string]bool{"orders": true, "plain": false} {
		input := &dynamodb.CreateTableInput{
			TableName: sdk.String(table), BillingMode: dynamodbtypes.BillingModePayPerRequest,
			KeySchema: []dynamodbtypes.KeySchemaElement{
				{AttributeName: sdk.String("state"), KeyType: dynamodbtypes.KeyTypeHash}, {AttributeName: sdk.String("id"), KeyType: dynamodbtypes.KeyTypeRange},
			},
			AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
				{AttributeName: sdk.String("state"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}, {AttributeName: sdk.String("id"), AttributeType: dynamodbtypes.ScalarAttributeTypeN},
			},
		}
		if stream {
			input.StreamSpecification = &dynamodbtypes.StreamSpecification{StreamEnabled: sdk.Bool(true), StreamViewType: dynamodbtypes.StreamViewTypeNewImage}
		}
		_, err := api.CreateTable(ctx, input)
		c.must(err)
	}
	for i := range 8 {
		state := map[bool]string{true: "open", false: "done"}[i < 5]
		_, err := api.PutItem(ctx, &dynamodb.PutItemInput{TableName: sdk.String("orders"), Item: map[string]dynamodbtypes.AttributeValue{
			"state": &dynamodbtypes.AttributeValueMemberS{Value: state}, "id": &dynamodbtypes.AttributeValueMemberN{Value: strconv.Itoa(i)},
			"size": &dynamodbtypes.AttributeValueMemberN{Value: strconv.Itoa(i * 10)},
		}})
		c.must(err)
	}
	words := func(more ...string) map[string]string {
		m := map[string]string{"tableName": "orders", "targetValue": "2", "keyConditionExpression": "#s = :s", "expressionAttributeNames": `{"#s":"state"}`,
			"expressionAttributeValues": `{":s":{"S":"open"}}`}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	gives(t, "open orders", c.source("aws-dynamodb", words()), 5, true)
	gives(t, "large ones", c.source("aws-dynamodb", words("filterExpression", "#z > :z", "expressionAttributeNames", `{"#s":"state","#z":"size"}`,
		"expressionAttributeValues", `{":s":{"S":"open"},":z":{"N":"15"}}`)), 3, true)
	fails(t, "no such table", c.source("aws-dynamodb", words("tableName", "other")))

	gives(t, "shards of the stream", c.source("aws-dynamodb-streams", map[string]string{"tableName": "orders"}), 1, true)
	fails(t, "a table without a stream", c.source("aws-dynamodb-streams", map[string]string{"tableName": "plain"}))
}
