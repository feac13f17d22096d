package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

const (
	defaultTimeout = 3 * time.Second
	defaultMaxBody = 4 << 20
	// mostRedirects is how often a server may send a request elsewhere on the same host.
	mostRedirects = 10
)

// client makes the requests of one trigger.
type client struct {
	http    *http.Client
	timeout time.Duration
	limit   int64
	auth    trigger.Auth
	tokens  *tokens
}

// newClient is a client for a trigger's authentication and certificates.
func newClient(o Options, timeout time.Duration, auth trigger.Auth, certificates, unsafe bool) (*client, error) {
	c := &client{http: &http.Client{}, timeout: timeout, limit: o.MaxBody, auth: auth}
	if o.Client != nil {
		copied := *o.Client
		c.http = &copied
	}
	if c.timeout <= 0 {
		c.timeout = o.Timeout
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.limit <= 0 {
		c.limit = defaultMaxBody
	}
	c.http.CheckRedirect = sameHost
	if certificates || unsafe || auth.CA != "" {
		if err := c.secure(certificates, unsafe); err != nil {
			return nil, err
		}
	}
	if auth.Enabled(trigger.AuthOAuth) {
		c.tokens = &tokens{client: &client{http: c.http, timeout: c.timeout, limit: c.limit}, auth: auth}
	}
	return c, nil
}

// secure sets the trigger's certificates on a transport of its own.
func (c *client) secure(certificates, unsafe bool) error {
	base := c.http.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	transport, ok := base.(*http.Transport)
	if !ok {
		return fmt.Errorf("%w: the trigger has certificates, and Options.Client a transport that takes none", ErrNoSource)
	}
	transport = transport.Clone()
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: unsafe}
	if c.auth.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(c.auth.CA)) {
			return at("authParams.ca", errors.New("not a certificate in PEM"))
		}
	}
	if certificates && c.auth.Cert != "" {
		pair, err := tls.X509KeyPair([]byte(c.auth.Cert), []byte(c.auth.Key))
		if err != nil {
			return at("authParams.cert", errors.New("certificate and key are not a pair in PEM"))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	transport.TLSClientConfig = config
	c.http.Transport = transport
	return nil
}

// redirectError is a redirect that is not followed.
type redirectError struct{ to string }

func (e redirectError) Error() string { return "redirected to " + e.to + ", which is not followed" }

// sameHost follows redirects on one host alone, and never from HTTPS to HTTP: what the request carries was meant for that
// host.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Host != first.Host || first.Scheme == "https" && next.URL.Scheme != "https" {
		return redirectError{next.URL.Scheme + "://" + next.URL.Host}
	}
	if len(via) >= mostRedirects {
		return redirectError{"itself too often"}
	}
	return nil
}

// get fetches an address: the status and the body. Extra headers win over those of the authentication.
func (c *client) get(ctx context.Context, address string, headers map[string]string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: not a URL", ErrUnreachable) // The error itself would quote it.
	}
	if err := c.authenticate(ctx, request); err != nil {
		return 0, nil, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	return c.do(request)
}

// do sends a request and reads the answer up to the limit.
func (c *client) do(request *http.Request) (int, []byte, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, unreachable(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, c.limit+1))
	if err != nil {
		return 0, nil, unreachable(err)
	}
	if int64(len(body)) > c.limit {
		return 0, nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.limit)
	}
	return response.StatusCode, body, nil
}

// unreachable drops the URL from a client's error, since it may hold credentials.
func unreachable(err error) error {
	var refused redirectError
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", ErrUnreachable, refused)
	}
	for {
		var outer *url.Error
		if !errors.As(err, &outer) {
			break
		}
		err = outer.Err
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// authenticate puts the trigger's credentials on a request.
func (c *client) authenticate(ctx context.Context, r *http.Request) error {
	a := c.auth
	switch {
	case a.Enabled(trigger.AuthBearer):
		r.Header.Set("Authorization", "Bearer "+a.BearerToken)
	case a.Enabled(trigger.AuthBasic):
		r.SetBasicAuth(a.Username, a.Password)
	case a.Enabled(trigger.AuthOAuth):
		token, err := c.tokens.get(ctx)
		if err != nil {
			return at("authParams.oauthTokenURI", err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if a.Enabled(trigger.AuthCustom) {
		r.Header.Set(a.Header, a.HeaderValue)
	}
	if a.Enabled(trigger.AuthAPIKey) {
		if name := a.APIKeyName; a.APIKeyInQuery {
			if name == "" {
				name = "api_key"
			}
			query := r.URL.Query()
			query.Set(name, a.APIKey)
			r.URL.RawQuery = query.Encode()
		} else {
			if name == "" {
				name = "X-API-KEY"
			}
			r.Header.Set(name, a.APIKey)
		}
	}
	return nil
}
