package source

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// atOnce is how many endpoints of a service are asked at a time.
const atOnce = 5

func metricsAPI(t *trigger.MetricsAPI, o Options) (readFunc, error) {
	c, err := newClient(o, t.Timeout, t.Auth, t.Auth.Enabled(trigger.AuthTLS), t.UnsafeSSL)
	if err != nil {
		return nil, err
	}
	if t.FromEndpoints && o.Endpoints == nil {
		return nil, lacks("Endpoints")
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		if t.FromEndpoints {
			return fromEndpoints(ctx, c, t, o)
		}
		status, body, err := c.get(ctx, t.URL, nil)
		if err != nil {
			return trigger.Reading{}, at("metadata.url", err)
		}
		r, err := t.Read(status, body)
		if err != nil {
			return r, at("metadata.valueLocation", err)
		}
		return r, nil
	}, nil
}

// fromEndpoints asks every endpoint behind the service, a few at a time. Those that fail are left out.
func fromEndpoints(ctx context.Context, c *client, t *trigger.MetricsAPI, o Options) (trigger.Reading, error) {
	urls, err := o.Endpoints(ctx, t.URL)
	if err != nil {
		return trigger.Reading{}, at("metadata.url", fmt.Errorf("%w: endpoints: %w", ErrUnreachable, err))
	}
	numbers, errs := make([]float64, len(urls)), make([]error, len(urls))
	var wait sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range urls {
		wait.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; wait.Done() }()
			status, body, err := c.get(ctx, urls[i], nil)
			if err == nil {
				numbers[i], err = t.Number(status, body)
			}
			errs[i] = err
		}()
	}
	wait.Wait()
	var good []float64
	for i, x := range numbers {
		if errs[i] == nil {
			good = append(good, x)
		}
	}
	r, err := t.Join(good, len(urls)-len(good))
	if err != nil {
		return r, at("metadata.url", err)
	}
	return r, nil
}
