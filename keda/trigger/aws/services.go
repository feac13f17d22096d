package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/scalemath/scalemath/keda/trigger"
)

func readSQS(t *trigger.SQS, api *sqs.Client) readFunc {
	var names []sqstypes.QueueAttributeName
	for _, n := range t.Attributes() {
		names = append(names, sqstypes.QueueAttributeName(n))
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		out, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(t.QueueURL), AttributeNames: names})
		if err != nil {
			return trigger.Reading{}, failed("metadata.queueURL", err)
		}
		r, err := t.Read(out.Attributes)
		return at("metadata.queueURL", r, err)
	}
}

func readCloudWatch(t *trigger.CloudWatch, api *cloudwatch.Client) readFunc {
	return func(ctx context.Context, now time.Time) (trigger.Reading, error) {
		out, err := api.GetMetricData(ctx, metricDataInput(t, now))
		if err != nil {
			return trigger.Reading{}, failed("metadata.metricName", err)
		}
		var results [][]float64
		for _, r := range out.MetricDataResults {
			results = append(results, r.Values)
		}
		r, err := t.Read(results)
		return at("metadata.metricName", r, err)
	}
}

// metricDataInput asks for the trigger's window, the latest value first.
func metricDataInput(t *trigger.CloudWatch, now time.Time) *cloudwatch.GetMetricDataInput {
	start, end := t.Window(now)
	query := cloudwatchtypes.MetricDataQuery{Id: aws.String("c1"), ReturnData: aws.Bool(true)}
	period := aws.Int32(int32(min(t.StatPeriod, 1<<31-1)))
	if t.Expression != "" {
		query = cloudwatchtypes.MetricDataQuery{Id: aws.String("q1"), Expression: aws.String(t.Expression), Period: period}
	} else {
		var dimensions []cloudwatchtypes.Dimension
		for i := range t.DimensionNames {
			dimensions = append(dimensions, cloudwatchtypes.Dimension{
				Name: aws.String(t.DimensionNames[i]), Value: aws.String(t.DimensionValues[i]),
			})
		}
		query.MetricStat = &cloudwatchtypes.MetricStat{
			Metric: &cloudwatchtypes.Metric{
				Namespace: aws.String(t.Namespace), MetricName: aws.String(t.MetricName), Dimensions: dimensions,
			},
			Period: period, Stat: aws.String(t.Stat), Unit: cloudwatchtypes.StandardUnit(t.Unit),
		}
	}
	if t.AccountID != "" {
		query.AccountId = aws.String(t.AccountID)
	}
	return &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(start), EndTime: aws.Time(end), ScanBy: cloudwatchtypes.ScanByTimestampDescending,
		MetricDataQueries: []cloudwatchtypes.MetricDataQuery{query},
	}
}

func readKinesis(t *trigger.Shards, api *kinesis.Client) readFunc {
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		out, err := api.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: aws.String(t.Stream)})
		if err != nil {
			return trigger.Reading{}, failed("metadata.streamName", err)
		}
		if out.StreamDescriptionSummary == nil || out.StreamDescriptionSummary.OpenShardCount == nil {
			return trigger.Reading{}, fmt.Errorf("metadata.streamName: %w: no number of open shards", trigger.ErrReading)
		}
		return t.Read(int64(*out.StreamDescriptionSummary.OpenShardCount)), nil
	}
}

// mostPages bounds how many pages of a stream's description are read.
const mostPages = 1000

func readStreams(t *trigger.Shards, tables *dynamodb.Client, streams *dynamodbstreams.Client) readFunc {
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		table, err := tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(t.Stream)})
		if err != nil {
			return trigger.Reading{}, failed("metadata.tableName", err)
		}
		if table.Table == nil || table.Table.LatestStreamArn == nil {
			return trigger.Reading{}, fmt.Errorf("metadata.tableName: %w: the table has no stream", trigger.ErrReading)
		}
		var shards int64
		input := &dynamodbstreams.DescribeStreamInput{StreamArn: table.Table.LatestStreamArn}
		for range mostPages {
			page, err := streams.DescribeStream(ctx, input)
			if err != nil {
				return trigger.Reading{}, failed("metadata.tableName", err)
			}
			if page.StreamDescription == nil {
				break
			}
			shards += int64(len(page.StreamDescription.Shards))
			if input.ExclusiveStartShardId = page.StreamDescription.LastEvaluatedShardId; input.ExclusiveStartShardId == nil {
				return t.Read(shards), nil
			}
		}
		return trigger.Reading{}, fmt.Errorf("metadata.tableName: %w: the stream's description has no end", trigger.ErrReading)
	}
}

func readDynamoDB(t *trigger.DynamoDB, api *dynamodb.Client) readFunc {
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		input := &dynamodb.QueryInput{
			TableName: aws.String(t.TableName), KeyConditionExpression: aws.String(t.KeyConditionExpression),
			ExpressionAttributeNames: t.AttributeNames, ExpressionAttributeValues: attributes(t.AttributeValues),
		}
		if t.FilterExpression != "" {
			input.FilterExpression = aws.String(t.FilterExpression)
		}
		if t.IndexName != "" {
			input.IndexName = aws.String(t.IndexName)
		}
		out, err := api.Query(ctx, input)
		if err != nil {
			return trigger.Reading{}, failed("metadata.tableName", err)
		}
		return t.Read(int64(out.Count)), nil
	}
}

func attributes(from map[string]trigger.AttributeValue) map[string]dynamodbtypes.AttributeValue {
	out := make(map[string]dynamodbtypes.AttributeValue, len(from))
	for name, v := range from {
		out[name] = attribute(v)
	}
	return out
}

func attribute(v trigger.AttributeValue) dynamodbtypes.AttributeValue {
	switch v.Type {
	case "S":
		return &dynamodbtypes.AttributeValueMemberS{Value: v.Text}
	case "N":
		return &dynamodbtypes.AttributeValueMemberN{Value: v.Text}
	case "B":
		return &dynamodbtypes.AttributeValueMemberB{Value: []byte(v.Text)}
	case "BOOL":
		return &dynamodbtypes.AttributeValueMemberBOOL{Value: v.Bool}
	case "L":
		list := []dynamodbtypes.AttributeValue{}
		for _, e := range v.List {
			list = append(list, attribute(e))
		}
		return &dynamodbtypes.AttributeValueMemberL{Value: list}
	case "M":
		return &dynamodbtypes.AttributeValueMemberM{Value: attributes(v.Map)}
	}
	return &dynamodbtypes.AttributeValueMemberNULL{Value: true}
}
