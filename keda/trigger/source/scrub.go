package source

import (
	"errors"
	"net/url"
	"strings"

	"github.com/scalemath/scalemath/keda/trigger"
)

// scrubber is a function that takes a trigger's credentials out of an error, whoever put them there: a driver, say, that
// quotes the connection string.
func scrubber(t trigger.Trigger) func(error) error {
	var pairs []string
	for _, secret := range secrets(t) {
		// Very short ones would tear words apart and are no secrets.
		if len(secret) >= 4 {
			pairs = append(pairs, secret, "[hidden]")
			if escaped := url.QueryEscape(secret); escaped != secret {
				pairs = append(pairs, escaped, "[hidden]")
			}
			if escaped := url.PathEscape(secret); escaped != secret {
				pairs = append(pairs, escaped, "[hidden]")
			}
		}
	}
	replace := strings.NewReplacer(pairs...)
	return func(err error) error {
		if text := err.Error(); replace.Replace(text) != text {
			return scrubbed{replace.Replace(text), sentinel(err)}
		}
		return err
	}
}

// scrubbed is an error without its credentials. It is still what it was, but cannot be unwrapped to the text.
type scrubbed struct {
	text string
	is   error
}

func (e scrubbed) Error() string { return e.text }

func (e scrubbed) Unwrap() error { return e.is }

func sentinel(err error) error {
	for _, s := range []error{ErrUnreachable, ErrTooLarge, ErrNoSource, trigger.ErrReading} {
		if errors.Is(err, s) {
			return s
		}
	}
	return nil
}

// secrets are the values of a trigger that no one may read in an error.
func secrets(t trigger.Trigger) []string {
	ofAuth := func(a trigger.Auth) []string {
		return []string{a.Password, a.BearerToken, a.Key, a.HeaderValue, a.APIKey, a.ClientSecret}
	}
	switch t := t.(type) {
	case *trigger.Prometheus:
		list := append(ofAuth(t.Auth), userinfo(t.ServerAddress)...)
		for _, value := range t.CustomHeaders {
			list = append(list, value)
		}
		return list
	case *trigger.Loki:
		return append(ofAuth(t.Auth), userinfo(t.ServerAddress)...)
	case *trigger.Graphite:
		return append(ofAuth(t.Auth), userinfo(t.ServerAddress)...)
	case *trigger.MetricsAPI:
		return append(ofAuth(t.Auth), userinfo(t.URL)...)
	case *trigger.RabbitMQ:
		return append(ofAuth(t.Auth), userinfo(t.Host)...)
	case *trigger.SQL:
		return append(userinfo(t.Database.Connection), t.Database.Connection, t.Database.Password)
	case *trigger.Redis:
		return []string{t.Server.Password, t.Server.SentinelPassword, t.Server.KeyPassword, t.Server.Key}
	case *trigger.RedisStreams:
		return []string{t.Server.Password, t.Server.SentinelPassword, t.Server.KeyPassword, t.Server.Key}
	}
	return nil
}

// userinfo is the password in a URL and the values of its query, or in what comes close to a URL.
func userinfo(address string) []string {
	var list []string
	if u, err := url.Parse(address); err == nil {
		if password, ok := u.User.Password(); ok {
			list = append(list, password)
		}
		for _, values := range u.Query() {
			list = append(list, values...)
		}
	}
	if before, _, ok := cutLast(address, "@"); ok {
		if _, password, ok := cutLast(before, ":"); ok {
			list = append(list, strings.TrimPrefix(password, "//"))
		}
	}
	return list
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
