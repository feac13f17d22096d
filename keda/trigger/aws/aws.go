// Package aws fetches the readings of the triggers that look at Amazon's services: SQS, CloudWatch, Kinesis, DynamoDB and
// its streams. It is apart from package source so that only its users compile Amazon's SDK.
//
//	cfg, err := config.LoadDefaultConfig(ctx) // from github.com/aws/aws-sdk-go-v2/config
//	...
//	s, err := aws.New(t, aws.Options{Config: cfg})
//	...
//	reading, err := s.Read(ctx, time.Now())
package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/scalemath/scalemath/keda/trigger"
)

var (
	// ErrUnreachable marks a service that gave no answer, or an error as its answer.
	ErrUnreachable = errors.New("no answer")
	// ErrTooLarge marks an answer of more than 4 MiB.
	ErrTooLarge = errors.New("answer too large")
	// ErrNoSource marks a trigger that is not Amazon's, or one whose credentials the options cannot provide.
	ErrNoSource = errors.New("no source for this trigger")
)

// defaultTimeout bounds a reading.
const defaultTimeout = 10 * time.Second

// Options are how to reach Amazon.
type Options struct {
	// Config is where credentials, HTTP client and retries come from. Region and endpoint of the trigger win over it, and so
	// do the trigger's own credentials where it has some.
	Config aws.Config
	// AssumeRole gives the credentials of a role, for triggers that name one, from those of Config. Package stscreds of the SDK
	// provides it.
	AssumeRole func(arn string) aws.CredentialsProvider
	// Timeout bounds a reading, retries included; 0 is 10 seconds.
	Timeout time.Duration
}

// New is the source of one of Amazon's triggers.
func New(t trigger.Trigger, o Options) (trigger.Source, error) {
	read, where, err := reader(t, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(t), err)
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return trigger.SourceFunc(func(ctx context.Context, now time.Time) (trigger.Reading, error) {
		ctx, cancel := context.WithTimeout(ctx, o.Timeout)
		defer cancel()
		r, err := read(ctx, now)
		if err != nil {
			return trigger.Reading{}, fmt.Errorf("%s: %w", name(t), scrub(err, where))
		}
		return r, nil
	}), nil
}

func name(t trigger.Trigger) string { return fmt.Sprintf("triggers[%d] (%s)", t.Index(), t.Type()) }

type readFunc func(ctx context.Context, now time.Time) (trigger.Reading, error)

// reader chooses the service. Its client is built once, without asking anyone.
func reader(t trigger.Trigger, o Options) (readFunc, trigger.AWS, error) {
	var where trigger.AWS
	switch t := t.(type) {
	case *trigger.SQS:
		where = t.AWS
	case *trigger.CloudWatch:
		where = t.AWS
	case *trigger.Shards:
		where = t.AWS
	case *trigger.DynamoDB:
		where = t.AWS
	default:
		return nil, where, ErrNoSource
	}
	cfg, err := configure(where, o)
	if err != nil {
		return nil, where, err
	}
	switch t := t.(type) {
	case *trigger.SQS:
		return readSQS(t, sqs.NewFromConfig(cfg)), where, nil
	case *trigger.CloudWatch:
		return readCloudWatch(t, cloudwatch.NewFromConfig(cfg)), where, nil
	case *trigger.Shards:
		if t.Type() == "aws-kinesis-stream" {
			return readKinesis(t, kinesis.NewFromConfig(cfg)), where, nil
		}
		return readStreams(t, dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg)), where, nil
	case *trigger.DynamoDB:
		return readDynamoDB(t, dynamodb.NewFromConfig(cfg)), where, nil
	}
	return nil, where, ErrNoSource
}

// configure puts what the trigger says over the caller's configuration.
func configure(where trigger.AWS, o Options) (aws.Config, error) {
	cfg := o.Config.Copy()
	cfg.Region = where.Region
	if where.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(where.Endpoint)
	}
	if cfg.HTTPClient == nil {
		// A redirect would carry a signed request to another host.
		cfg.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	cfg.HTTPClient = bounded{cfg.HTTPClient}
	switch {
	case where.RoleARN != "":
		if o.AssumeRole == nil {
			return cfg, fmt.Errorf("%w: the trigger names a role, and Options.AssumeRole is missing", ErrNoSource)
		}
		cfg.Credentials = o.AssumeRole(where.RoleARN)
	case !where.Ambient:
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: where.AccessKeyID, SecretAccessKey: where.SecretAccessKey, SessionToken: where.SessionToken,
				Source: "trigger",
			}, nil
		})
	case cfg.Credentials == nil:
		return cfg, fmt.Errorf("%w: the trigger uses the process's identity, and Options.Config has no credentials", ErrNoSource)
	}
	return cfg, nil
}

// failed is an error of a service, about a field of the trigger.
func failed(field string, err error) error {
	return fmt.Errorf("%s: %w: %w", field, ErrUnreachable, err)
}

// at says which field of the trigger an unusable answer is about.
func at(field string, r trigger.Reading, err error) (trigger.Reading, error) {
	if err != nil {
		return trigger.Reading{}, fmt.Errorf("%s: %w", field, err)
	}
	return r, nil
}

// scrubbed is an error without the trigger's credentials.
type scrubbed struct {
	text string
	is   error
}

func (e scrubbed) Error() string { return e.text }

func (e scrubbed) Unwrap() error { return e.is }

// scrub takes the trigger's own credentials out of an error. Amazon's SDK puts none in; an endpoint that echoes a request
// might.
func scrub(err error, where trigger.AWS) error {
	text := err.Error()
	for _, secret := range []string{where.SecretAccessKey, where.SessionToken, where.AccessKeyID} {
		if len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "[hidden]")
		}
	}
	if text == err.Error() {
		return err
	}
	for _, s := range []error{trigger.ErrReading, ErrTooLarge} {
		if errors.Is(err, s) {
			return scrubbed{text, s}
		}
	}
	return scrubbed{text, ErrUnreachable}
}
