// Package source fetches the readings of triggers: over HTTP by itself, and through what the caller hands in for databases,
// Redis, Kafka and Kubernetes objects. Amazon's services are in package aws.
//
//	t, err := trigger.New(cfg)
//	...
//	s, err := source.New(t, source.Options{})
//	...
//	reading, err := s.Read(ctx, time.Now())
//
// Every answer is read up to a limit, a redirect to another host is refused, and an error names the trigger and the field
// but never a credential.
package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/keda/trigger"
)

var (
	// ErrUnreachable marks a source that gave no answer: no connection, no answer in time, a redirect to another host.
	ErrUnreachable = errors.New("no answer")
	// ErrTooLarge marks an answer beyond [Options.MaxBody].
	ErrTooLarge = errors.New("answer too large")
	// ErrNoSource marks a trigger that cannot be read here: cpu and memory, which no one reads, Amazon's, which package aws
	// reads, and those whose connection the options lack.
	ErrNoSource = errors.New("no source for this trigger")
)

// Options are how to fetch a trigger's readings.
type Options struct {
	// Client makes the requests; nil is a client of this package's own. Its CheckRedirect is not used. A trigger with
	// certificates of its own needs a transport that is nil or an *http.Transport, which is cloned.
	Client *http.Client
	// Timeout bounds a reading where the trigger does not; 0 is 3 seconds, KEDA's default.
	Timeout time.Duration
	// MaxBody is how many bytes an answer may have; 0 is 4 MiB.
	MaxBody int64
	// DB is the open database of a postgresql, mysql or mssql trigger.
	DB *sql.DB
	// Redis runs the commands of a Redis trigger.
	Redis Redis
	// Kafka lists the offsets of a Kafka trigger.
	Kafka Offsets
	// Objects reads what kubernetes-workload and kubernetes-resource look at.
	Objects Objects
	// Endpoints lists the endpoints behind a service's URL, for a metrics-api trigger that asks for them: the URL with each
	// endpoint's address in the place of the host.
	Endpoints func(ctx context.Context, url string) ([]string, error)
}

// Redis runs one command and returns the server's reply: an int64, a string or []byte, nil, or a list ([]any) of such. A
// client's pipeline, cluster and sentinel handling stay its own.
type Redis interface {
	// Do runs a command such as "LLEN", "jobs".
	Do(ctx context.Context, args ...string) (any, error)
}

// Offsets lists what a Kafka cluster says about a consumer group.
type Offsets interface {
	// Offsets lists the partitions of the topics, or of all topics that the group has committed to if there are none. With
	// earliest, partitions without a committed offset come with their log's beginning.
	Offsets(ctx context.Context, group string, topics []string, earliest bool) ([]trigger.KafkaPartition, error)
}

// Objects reads Kubernetes objects, from a lister's cache or from the API.
type Objects interface {
	// Pods lists pods by label.
	Pods(ctx context.Context, namespace string, selector labels.Selector) ([]corev1.Pod, error)
	// ConfigMap gets a ConfigMap.
	ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error)
	// Secret gets a Secret.
	Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error)
}

// New is the source of a trigger. A trigger that is a [trigger.Source] itself, as one of the caller's own may be, is its own
// source.
func New(t trigger.Trigger, o Options) (trigger.Source, error) {
	if s, ok := t.(trigger.Source); ok {
		return s, nil
	}
	read, err := reader(t, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(t), err)
	}
	clean := scrubber(t)
	return trigger.SourceFunc(func(ctx context.Context, now time.Time) (trigger.Reading, error) {
		r, err := read(ctx, now)
		if err != nil {
			return trigger.Reading{}, fmt.Errorf("%s: %w", name(t), clean(err))
		}
		return r, nil
	}), nil
}

// name says which trigger is meant, as errors of building one do.
func name(t trigger.Trigger) string { return fmt.Sprintf("triggers[%d] (%s)", t.Index(), t.Type()) }

type readFunc func(ctx context.Context, now time.Time) (trigger.Reading, error)

func reader(t trigger.Trigger, o Options) (readFunc, error) {
	switch t := t.(type) {
	case *trigger.Cron:
		return func(_ context.Context, now time.Time) (trigger.Reading, error) { return t.Read(now) }, nil
	case *trigger.Prometheus:
		return prometheus(t, o)
	case *trigger.Loki:
		return loki(t, o)
	case *trigger.Graphite:
		return graphite(t, o)
	case *trigger.MetricsAPI:
		return metricsAPI(t, o)
	case *trigger.RabbitMQ:
		return rabbitMQ(t, o)
	case *trigger.NATS:
		return nats(t, o)
	case *trigger.SQL:
		return database(t, o)
	case *trigger.Redis:
		return redis(t, o)
	case *trigger.RedisStreams:
		return redisStreams(t, o)
	case *trigger.Kafka:
		return kafka(t, o)
	case *trigger.Workload:
		return workload(t, o)
	case *trigger.KubernetesResource:
		return kubernetesResource(t, o)
	}
	return nil, ErrNoSource
}

// lacks is the error of options without what a trigger needs.
func lacks(option string) error { return fmt.Errorf("%w: Options.%s is missing", ErrNoSource, option) }

// at says which field of the trigger an error is about.
func at(field string, err error) error { return fmt.Errorf("%s: %w", field, err) }
