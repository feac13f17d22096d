package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
)

// tokens are access tokens by OAuth 2.0 client credentials (RFC 6749, 4.4), each used until shortly before it expires.
type tokens struct {
	client *client
	auth   trigger.Auth

	mu      sync.Mutex
	token   string
	expires time.Time
}

// early is how long before its end a token is no longer used.
const early = 10 * time.Second

func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && (t.expires.IsZero() || time.Now().Before(t.expires)) {
		return t.token, nil
	}
	form, err := url.ParseQuery(t.auth.EndpointParams)
	if err != nil {
		return "", at("authParams.endpointParams", errors.New("not a query"))
	}
	form.Set("grant_type", "client_credentials")
	if len(t.auth.Scopes) > 0 {
		form.Set("scope", strings.Join(t.auth.Scopes, " "))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.auth.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", errors.New("not a URL")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(t.auth.ClientID), url.QueryEscape(t.auth.ClientSecret))
	status, body, err := t.client.do(request)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.Token == "" {
		return "", fmt.Errorf("%w: status %d, no token", trigger.ErrReading, status)
	}
	t.token, t.expires = answer.Token, time.Time{}
	if answer.Expires > 0 {
		t.expires = time.Now().Add(time.Duration(min(answer.Expires, 1<<31))*time.Second - early)
	}
	return t.token, nil
}
