package source

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// redis asks for the key's type and then for its length.
func redis(t *trigger.Redis, o Options) (readFunc, error) {
	if o.Redis == nil {
		return nil, lacks("Redis")
	}
	r := redisClient{o.Redis}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		kind, err := r.text(ctx, "TYPE", t.ListName)
		if err != nil {
			return trigger.Reading{}, at("metadata.address", err)
		}
		command, err := t.LengthCommand(kind)
		if err != nil {
			return trigger.Reading{}, at("metadata.listName", err)
		}
		n, err := r.integer(ctx, command, t.ListName)
		if err != nil {
			return trigger.Reading{}, at("metadata.listName", err)
		}
		return t.Read(n), nil
	}, nil
}

func redisStreams(t *trigger.RedisStreams, o Options) (readFunc, error) {
	if o.Redis == nil {
		return nil, lacks("Redis")
	}
	r := redisClient{o.Redis}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		ctx, cancel := deadline(ctx, o)
		defer cancel()
		var n int64
		var err error
		switch t.Counts() {
		case trigger.RedisLag:
			n, err = r.lag(ctx, t)
		case trigger.RedisPending:
			n, err = r.pending(ctx, t)
		default:
			n, err = r.integer(ctx, "XLEN", t.Stream)
		}
		if err != nil {
			return trigger.Reading{}, at("metadata.stream", err)
		}
		return t.Read(n), nil
	}, nil
}

type redisClient struct{ Redis }

// odd is a reply of another shape than its command has.
func odd(command string, reply any) error {
	return fmt.Errorf("%w: %s: a reply of type %T", trigger.ErrReading, command, reply)
}

func (r redisClient) run(ctx context.Context, args ...string) (any, error) {
	reply, err := r.Do(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnreachable, args[0], err)
	}
	return reply, nil
}

func (r redisClient) integer(ctx context.Context, args ...string) (int64, error) {
	reply, err := r.run(ctx, args...)
	if err != nil {
		return 0, err
	}
	n, ok := integerOf(reply)
	if !ok {
		return 0, odd(args[0], reply)
	}
	return n, nil
}

func (r redisClient) text(ctx context.Context, args ...string) (string, error) {
	reply, err := r.run(ctx, args...)
	if err != nil {
		return "", err
	}
	s, ok := textOf(reply)
	if !ok {
		return "", odd(args[0], reply)
	}
	return s, nil
}

// pending is the first of the four elements of XPENDING's summary.
func (r redisClient) pending(ctx context.Context, t *trigger.RedisStreams) (int64, error) {
	reply, err := r.run(ctx, "XPENDING", t.Stream, t.ConsumerGroup)
	if err != nil {
		return 0, err
	}
	if list, ok := reply.([]any); ok && len(list) > 0 {
		if n, ok := integerOf(list[0]); ok {
			return n, nil
		}
	}
	return 0, odd("XPENDING", reply)
}

// lag is the group's lag. A stream that is not there has none, and one without the group its whole length.
func (r redisClient) lag(ctx context.Context, t *trigger.RedisStreams) (int64, error) {
	info, err := r.text(ctx, "INFO")
	if err != nil {
		return 0, err
	}
	if err := t.SupportsLag(info); err != nil {
		return 0, err
	}
	reply, err := r.run(ctx, "XINFO", "GROUPS", t.Stream)
	if err != nil {
		if strings.Contains(err.Error(), "ERR no such key") {
			return 0, nil
		}
		return 0, err
	}
	list, ok := reply.([]any)
	if !ok {
		return 0, odd("XINFO GROUPS", reply)
	}
	var groups []trigger.RedisGroup
	for _, one := range list {
		groups = append(groups, groupOf(one))
	}
	if n, found := t.Lag(groups); found {
		return n, nil
	}
	return r.integer(ctx, "XLEN", t.Stream)
}

// groupOf reads a group's fields, a list of names and values or a map. A lag that the server does not know is 0.
func groupOf(reply any) trigger.RedisGroup {
	var g trigger.RedisGroup
	set := func(name, value any) {
		switch key, _ := textOf(name); key {
		case "name":
			g.Name, _ = textOf(value)
		case "lag":
			g.Lag, _ = integerOf(value)
		}
	}
	switch fields := reply.(type) {
	case []any:
		for i := 0; i+1 < len(fields); i += 2 {
			set(fields[i], fields[i+1])
		}
	case map[string]any:
		for name, value := range fields {
			set(name, value)
		}
	case map[any]any:
		for name, value := range fields {
			set(name, value)
		}
	}
	return g
}

func integerOf(reply any) (int64, bool) {
	switch n := reply.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	}
	text, ok := textOf(reply)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func textOf(reply any) (string, bool) {
	switch s := reply.(type) {
	case string:
		return s, true
	case []byte:
		return string(s), true
	}
	return "", false
}
