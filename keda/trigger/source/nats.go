package source

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// mostNodes bounds how many servers of a cluster are asked.
const mostNodes = 64

// nats reads a server's monitoring, and in a cluster that of the consumer's leader.
func nats(t *trigger.NATS, o Options) (readFunc, error) {
	c, err := newClient(o, 0, trigger.Auth{}, false, false)
	if err != nil {
		return nil, err
	}
	n := natsReader{c, t}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		found, err := n.consumer(ctx, t.Endpoint)
		if err == nil && found.ClusterSize > 1 {
			found, err = n.leader(ctx)
		}
		if err != nil {
			return trigger.Reading{}, at("metadata.natsServerMonitoringEndpoint", err)
		}
		r, err := t.Read(found)
		if err != nil {
			return r, at("metadata.consumer", err)
		}
		return r, nil
	}, nil
}

type natsReader struct {
	client  *client
	trigger *trigger.NATS
}

func (n natsReader) address(host, path string, query url.Values) string {
	u := url.URL{Scheme: "http", Host: host, Path: path, RawQuery: query.Encode()}
	if n.trigger.UseHTTPS {
		u.Scheme = "https"
	}
	return u.String()
}

// consumer asks one server for the account's consumers. The status does not matter: what counts is the body.
func (n natsReader) consumer(ctx context.Context, host string) (trigger.NATSConsumer, error) {
	query := url.Values{"acc": {n.trigger.AccountID}, "consumers": {"true"}, "config": {"true"}}
	_, body, err := n.client.get(ctx, n.address(host, "/jsz", query), nil)
	if err != nil {
		return trigger.NATSConsumer{}, err
	}
	return n.trigger.Find(body)
}

// natsServer is a server's answer to /varz.
type natsServer struct {
	// Connect are the addresses that the server advertises, if it does.
	Connect []string `json:"connect_urls"`
	Name    string   `json:"server_name"`
	Cluster struct {
		// URLs are the servers of the cluster.
		URLs []string `json:"urls"`
	} `json:"cluster"`
}

func (n natsReader) server(ctx context.Context, host string) (natsServer, error) {
	var s natsServer
	_, body, err := n.client.get(ctx, n.address(host, "/varz", nil), nil)
	if err != nil {
		return s, err
	}
	if json.Unmarshal(body, &s) != nil {
		return s, fmt.Errorf("%w: /varz: not what a server answers", trigger.ErrReading)
	}
	return s, nil
}

// leader asks each server of the cluster until one is the leader of the consumer by its own word.
func (n natsReader) leader(ctx context.Context) (trigger.NATSConsumer, error) {
	first, err := n.server(ctx, n.trigger.Endpoint)
	if err != nil {
		return trigger.NATSConsumer{}, err
	}
	urls, advertised := first.Connect, true
	if len(urls) == 0 {
		urls, advertised = first.Cluster.URLs, false
	}
	_, port, _ := net.SplitHostPort(n.trigger.Endpoint)
	for _, u := range urls[:min(len(urls), mostNodes)] {
		var host, name string
		if advertised {
			// The monitoring of every server is taken to listen on the same port.
			host, _, _ = strings.Cut(u, ":")
			if port != "" {
				host = net.JoinHostPort(host, port)
			}
			s, err := n.server(ctx, host)
			if err != nil {
				return trigger.NATSConsumer{}, err
			}
			name = s.Name
		} else {
			name, _, _ = strings.Cut(u, ".")
			host = name + "." + n.trigger.Endpoint
		}
		c, err := n.consumer(ctx, host)
		if err != nil {
			return trigger.NATSConsumer{}, err
		}
		if c.Found && c.Leader == name {
			return c, nil
		}
	}
	return trigger.NATSConsumer{}, fmt.Errorf("%w: no server of the cluster leads consumer %q", trigger.ErrReading, n.trigger.Consumer)
}
