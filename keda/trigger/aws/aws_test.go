package aws_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/aws"
)

// secretKey is what must never be told.
const secretKey = "wJalrXUtnFEMI"

var (
	keys = map[string]string{"awsAccessKeyID": "AKIDEXAMPLE", "awsSecretAccessKey": secretKey}
	now  = time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
	// once asks a service a single time.
	once = sdk.Config{Retryer: func() sdk.Retryer { return sdk.NopRetryer{} }}
)

func build(t testing.TB, kind, endpoint string, auth map[string]string) trigger.Trigger {
	t.Helper()
	made, err := trigger.New(trigger.Config{Type: kind, Index: 2, AuthParams: auth, Metadata: map[string]string{
		"awsRegion": "eu-west-1", "awsEndpoint": endpoint, "queueURL": "https://sqs.eu-west-1.amazonaws.com/1/q", "streamName": "s", "tableName": "t",
		"namespace": "n", "metricName": "m", "dimensionName": "a;b", "dimensionValue": "1;2", "targetMetricValue": "1", "minMetricValue": "0", "targetValue": "1",
		"keyConditionExpression": "#k = :k", "expressionAttributeNames": `{"#k":"k"}`,
		"expressionAttributeValues": `{":k":{"S":"x"},":l":{"L":[{"N":"1"},{"BOOL":true},{"NULL":true},{"B":"eA=="},{"M":{"a":{"S":"b"}}}]}}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// answers are bodies of each service for the value 3, by what the request asks for.
var answers = map[string]string{
	"AmazonSQS.GetQueueAttributes":             `{"Attributes":{"ApproximateNumberOfMessages":"1","ApproximateNumberOfMessagesNotVisible":"2"}}`,
	"Kinesis_20131202.DescribeStreamSummary":   `{"StreamDescriptionSummary":{"OpenShardCount":3}}`,
	"DynamoDB_20120810.DescribeTable":          `{"Table":{"LatestStreamArn":"arn"}}`,
	"DynamoDBStreams_20120810.DescribeStream":  `{"StreamDescription":{"Shards":[{},{},{}]}}`,
	"DynamoDBStreams_20120810.DescribeStream1": `{"StreamDescription":{"Shards":[{},{}],"LastEvaluatedShardId":"shard-1"}}`,
	"DynamoDBStreams_20120810.DescribeStream2": `{"StreamDescription":{"Shards":[{}]}}`,
	"DynamoDB_20120810.Query":                  `{"Count":3,"LastEvaluatedKey":{"k":{"S":"more"}}}`,
	"cloudwatch":                               `<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>c1</Id><Values><member>3</member><member>9</member></Values></member></MetricDataResults></GetMetricDataResult></GetMetricDataResponse>`,
}

func TestServices(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		target := r.Header.Get("X-Amz-Target")
		if target == "" {
			target = "cloudwatch"
			w.Header().Set("Content-Type", "text/xml")
		}
		if !strings.Contains(r.Header.Get("Authorization"), "AKIDEXAMPLE") {
			t.Errorf("%s is not signed by the trigger's key", target)
		}
		if strings.HasSuffix(target, "DescribeStream") {
			target += map[bool]string{true: "2", false: "1"}[strings.Contains(string(body), "shard-1")]
		}
		fmt.Fprint(w, answers[target])
	}))
	defer server.Close()
	for kind, asks := range map[string]string{
		"aws-sqs-queue": "ApproximateNumberOfMessagesNotVisible", "aws-kinesis-stream": `"StreamName":"s"`, "aws-dynamodb-streams": "shard-1",
		"aws-dynamodb": `":l":{"L":[{"N":"1"},{"BOOL":true},{"NULL":true},{"B":"ZUE9PQ=="},{"M":{"a":{"S":"b"}}}]}`, "aws-cloudwatch": "EndTime=2026-01-01T00%3A00%3A00Z",
	} {
		bodies = nil
		s, err := aws.New(build(t, kind, server.URL, keys), aws.Options{Config: once})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(context.Background(), now)
		if err != nil || r.Value != 3 || !r.Active || !strings.HasPrefix(r.Metric, "s2-aws-") {
			t.Errorf("%s: %v %v", kind, r, err)
		}
		if last := strings.Join(bodies, "\n"); !strings.Contains(last, asks) {
			t.Errorf("%s asked %s, want %s", kind, last, asks)
		}
	}
}

// TestBadServers gives each service's trigger every sort of bad server.
func TestBadServers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("the other host was asked") }))
	defer elsewhere.Close()
	for name, handler := range map[string]http.HandlerFunc{
		"status": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, r.Header, secretKey)
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"huge": func(w http.ResponseWriter, r *http.Request) {
			for range 5 << 10 {
				fmt.Fprint(w, strings.Repeat(" ", 1<<10))
			}
		},
		"html":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>"+secretKey) },
		"empty": func(w http.ResponseWriter, r *http.Request) {},
		"dead":  nil,
	} {
		server := httptest.NewServer(handler)
		if handler == nil {
			server.Close()
		}
		defer server.Close()
		for _, kind := range []string{"aws-sqs-queue", "aws-kinesis-stream", "aws-dynamodb-streams", "aws-dynamodb", "aws-cloudwatch"} {
			s, err := aws.New(build(t, kind, server.URL, keys), aws.Options{Config: once, Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Read(context.Background(), now)
			empty := name == "empty" && (kind == "aws-dynamodb" || kind == "aws-cloudwatch") // An empty answer is one without items.
			if empty {
				continue
			}
			if err == nil || !strings.HasPrefix(err.Error(), "triggers[2] ("+kind+"): metadata.") || strings.Contains(err.Error(), secretKey) {
				t.Errorf("%s, %s: %v", name, kind, err)
			} else if !errors.Is(err, aws.ErrUnreachable) && !errors.Is(err, trigger.ErrReading) && !errors.Is(err, aws.ErrTooLarge) {
				t.Errorf("%s, %s: of no known sort: %v", name, kind, err)
			}
		}
	}
}

func TestIdentities(t *testing.T) {
	role := map[string]string{"awsRoleArn": "arn:aws:iam::1:role/x"}
	if _, err := aws.New(build(t, "aws-sqs-queue", "", role), aws.Options{}); !errors.Is(err, aws.ErrNoSource) {
		t.Errorf("a role that nobody assumes: %v", err)
	}
	asked := ""
	assume := func(arn string) sdk.CredentialsProvider { asked = arn; return sdk.AnonymousCredentials{} }
	if _, err := aws.New(build(t, "aws-sqs-queue", "", role), aws.Options{AssumeRole: assume}); err != nil || asked != role["awsRoleArn"] {
		t.Errorf("%s %v", asked, err)
	}
	operator, err := trigger.New(trigger.Config{Type: "aws-sqs-queue", Metadata: map[string]string{"queueURL": "q", "awsRegion": "r", "identityOwner": "operator"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := aws.New(operator, aws.Options{}); !errors.Is(err, aws.ErrNoSource) {
		t.Errorf("no credentials: %v", err)
	}
	if _, err := aws.New(operator, aws.Options{Config: sdk.Config{Credentials: sdk.AnonymousCredentials{}}}); err != nil {
		t.Error(err)
	}
	cron, err := trigger.New(trigger.Config{Type: "cpu", MetricType: "Utilization", Metadata: map[string]string{"value": "50"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := aws.New(cron, aws.Options{}); !errors.Is(err, aws.ErrNoSource) {
		t.Errorf("a trigger of another sort: %v", err)
	}
}
