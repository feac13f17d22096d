package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// failed is an error of what the caller handed in.
func failed(field string, err error) error {
	return at(field, fmt.Errorf("%w: %w", ErrUnreachable, err))
}

// deadline bounds a reading.
func deadline(ctx context.Context, o Options) (context.Context, context.CancelFunc) {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return context.WithTimeout(ctx, o.Timeout)
}

func database(t *trigger.SQL, o Options) (readFunc, error) {
	if o.DB == nil {
		return nil, lacks("DB")
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		var column sql.NullFloat64
		var r trigger.Reading
		switch err := o.DB.QueryRowContext(ctx, t.Query).Scan(&column); {
		case errors.Is(err, sql.ErrNoRows):
			r, err = t.NoRow()
			if err != nil {
				return r, at("metadata.query", err)
			}
			return r, nil
		case err != nil:
			return r, failed("metadata.query", err)
		}
		var number *float64
		if column.Valid {
			number = &column.Float64
		}
		r, err := t.Read(number)
		if err != nil {
			return r, at("metadata.query", err)
		}
		return r, nil
	}, nil
}

func kafka(t *trigger.Kafka, o Options) (readFunc, error) {
	if o.Kafka == nil {
		return nil, lacks("Kafka")
	}
	var mu sync.Mutex
	var state trigger.KafkaState
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		mu.Lock()
		defer mu.Unlock()
		partitions, err := o.Kafka.Offsets(ctx, t.ConsumerGroup, t.Topics, t.FromEarliest && !t.ScaleToZeroOnInvalidOffset)
		if err != nil {
			state = nil
			return trigger.Reading{}, failed("metadata.bootstrapServers", err)
		}
		r, next, err := t.Read(partitions, state)
		state = next
		if err != nil {
			return r, at("metadata.consumerGroup", err)
		}
		return r, nil
	}, nil
}

func workload(t *trigger.Workload, o Options) (readFunc, error) {
	if o.Objects == nil {
		return nil, lacks("Objects")
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		pods, err := o.Objects.Pods(ctx, t.Namespace, t.PodSelector)
		if err != nil {
			return trigger.Reading{}, failed("metadata.podSelector", err)
		}
		return t.Read(pods), nil
	}, nil
}

func kubernetesResource(t *trigger.KubernetesResource, o Options) (readFunc, error) {
	if o.Objects == nil {
		return nil, lacks("Objects")
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		var r trigger.Reading
		if t.Kind == "Secret" {
			secret, err := o.Objects.Secret(ctx, t.Namespace, t.Name)
			if err != nil {
				return r, failed("metadata.resourceName", err)
			}
			if r, err = t.ReadSecret(secret); err != nil {
				return r, at("metadata.key", err)
			}
			return r, nil
		}
		config, err := o.Objects.ConfigMap(ctx, t.Namespace, t.Name)
		if err != nil {
			return r, failed("metadata.resourceName", err)
		}
		if r, err = t.ReadConfigMap(config); err != nil {
			return r, at("metadata.key", err)
		}
		return r, nil
	}, nil
}
