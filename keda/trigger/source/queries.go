package source

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

func prometheus(t *trigger.Prometheus, o Options) (readFunc, error) {
	c, err := newClient(o, t.Timeout, t.Auth, t.Auth.Enabled(trigger.AuthTLS), t.UnsafeSSL)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, now time.Time) (trigger.Reading, error) {
		address := t.ServerAddress + "/api/v1/query?query=" + url.QueryEscape(t.Query) + "&time=" + now.UTC().Format(time.RFC3339)
		if t.Namespace != "" {
			address += "&namespace=" + url.QueryEscape(t.Namespace)
		}
		for _, name := range sortedKeys(t.QueryParameters) {
			address += "&" + url.QueryEscape(name) + "=" + url.QueryEscape(t.QueryParameters[name])
		}
		status, body, err := c.get(ctx, address, t.CustomHeaders)
		if err != nil {
			return trigger.Reading{}, at("metadata.serverAddress", err)
		}
		r, err := t.Read(status, body)
		if err != nil {
			return r, at("metadata.query", err)
		}
		return r, nil
	}, nil
}

func loki(t *trigger.Loki, o Options) (readFunc, error) {
	c, err := newClient(o, 0, t.Auth, t.Auth.Enabled(trigger.AuthTLS), t.UnsafeSSL)
	if err != nil {
		return nil, err
	}
	var headers map[string]string
	if t.TenantName != "" {
		headers = map[string]string{"X-Scope-OrgID": t.TenantName}
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		status, body, err := c.get(ctx, lokiAddress(t), headers)
		if err != nil {
			return trigger.Reading{}, at("metadata.serverAddress", err)
		}
		r, err := t.Read(status, body)
		if err != nil {
			return r, at("metadata.query", err)
		}
		return r, nil
	}, nil
}

// lokiAddress completes the server's address to that of instant queries, as far as it does not end so already. An address
// that is none stays as it is, for the request to fail on.
func lokiAddress(t *trigger.Loki) string {
	const full = "/loki/api/v1/query"
	u, err := url.ParseRequestURI(t.ServerAddress)
	if err != nil {
		return ":"
	}
	u.Path = strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(u.Path, full):
	case strings.HasPrefix(full, u.Path+"/"):
		u.Path = full
	default:
		u.Path = path.Join(u.Path, full)
	}
	u.RawQuery = url.Values{"query": {t.Query}}.Encode()
	return u.String()
}

func graphite(t *trigger.Graphite, o Options) (readFunc, error) {
	c, err := newClient(o, 0, t.Auth, false, false)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ time.Time) (trigger.Reading, error) {
		address := t.ServerAddress + "/render?from=" + url.QueryEscape(t.QueryTime) + "&target=" + url.QueryEscape(t.Query) + "&format=json"
		status, body, err := c.get(ctx, address, nil)
		if err != nil {
			return trigger.Reading{}, at("metadata.serverAddress", err)
		}
		r, err := t.Read(status, body)
		if err != nil {
			return r, at("metadata.query", err)
		}
		return r, nil
	}, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
