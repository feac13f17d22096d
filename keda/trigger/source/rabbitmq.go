package source

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// rabbitMQ reads the management API. Over AMQP nothing is read here: who holds such a connection passes the number of messages
// to the trigger's Queue.
func rabbitMQ(t *trigger.RabbitMQ, o Options) (readFunc, error) {
	if t.Protocol != "http" {
		return nil, fmt.Errorf("%w: the protocol is %s", ErrNoSource, t.Protocol)
	}
	auth := t.Auth
	if auth.Username != "" {
		auth.Modes = []trigger.AuthMode{trigger.AuthBasic}
	}
	c, err := newClient(o, t.Timeout, auth, t.TLS, t.UnsafeSSL)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		status, body, err := c.get(ctx, rabbitAddress(t), nil)
		if err != nil {
			return trigger.Reading{}, at("metadata.host", err)
		}
		r, err := t.Read(status, body)
		if err != nil {
			return r, at("metadata.queueName", err)
		}
		return r, nil
	}, nil
}

// rabbitAddress is the management API's address of the queue, or of the queues that match. The last part of the host's path is
// the virtual host, the default one if it is empty.
func rabbitAddress(t *trigger.RabbitMQ) string {
	u, err := url.Parse(t.Host)
	if err != nil {
		return ":"
	}
	whole := u.RawPath
	if whole == "" {
		whole = u.Path
	}
	before, vhost, _ := cutLast(whole, "/")
	if t.VhostName != "" {
		vhost = url.QueryEscape(t.VhostName)
	}
	if vhost == "" {
		vhost = "%2F"
	}
	u.Path, u.RawPath = "", ""
	if before = path.Join(strings.Split(before, "/")...); before != "" {
		u.Path = "/" + before
	}
	queue := url.QueryEscape(t.QueueName)
	if t.UseRegex {
		return fmt.Sprintf("%s/api/queues/%s?page=1&use_regex=true&pagination=false&name=%s&page_size=%d", u, vhost, queue, t.PageSize)
	}
	return fmt.Sprintf("%s/api/queues/%s/%s", u, vhost, queue)
}
