package trigger

import (
	"slices"
	"strings"
)

// AuthMode is a way in which an HTTP trigger proves who it is.
type AuthMode string

// The modes of authentication that KEDA knows.
const (
	// AuthBasic is a user name and a password.
	AuthBasic AuthMode = "basic"
	// AuthBearer is a token in the Authorization header.
	AuthBearer AuthMode = "bearer"
	// AuthTLS is a client certificate.
	AuthTLS AuthMode = "tls"
	// AuthCustom is a header of the user's own.
	AuthCustom AuthMode = "custom"
	// AuthAPIKey is a key in a header or in the query.
	AuthAPIKey AuthMode = "apiKey"
	// AuthOAuth are OAuth 2.0 client credentials.
	AuthOAuth AuthMode = "oauth"
)

// Auth is how an HTTP trigger proves who it is. It prints and marshals without its secrets.
type Auth struct {
	// Modes are the modes in force.
	Modes []AuthMode `json:"modes,omitempty"`
	// Username and Password belong to the mode basic.
	Username string `json:"-"`
	// Password belongs to the mode basic.
	Password string `json:"-"`
	// BearerToken belongs to the mode bearer.
	BearerToken string `json:"-"`
	// Cert is the client's certificate in PEM, for the mode tls.
	Cert string `json:"-"`
	// Key is the client's key in PEM, for the mode tls.
	Key string `json:"-"`
	// CA is the authority in PEM that the server's certificate is checked against; empty means the system's.
	CA string `json:"-"`
	// Header is the name of the header of the mode custom.
	Header string `json:"-"`
	// HeaderValue is the value of the header of the mode custom.
	HeaderValue string `json:"-"`
	// APIKey is the key of the mode apiKey.
	APIKey string `json:"-"`
	// APIKeyInQuery puts the key into the query instead of a header.
	APIKeyInQuery bool `json:"-"`
	// APIKeyName is the header's or query parameter's name; empty means X-API-KEY or api_key.
	APIKeyName string `json:"-"`
	// TokenURL, ClientID and the three after them belong to the mode oauth.
	TokenURL string `json:"-"`
	// ClientID names the client to the authorization server.
	ClientID string `json:"-"`
	// ClientSecret proves the client to the authorization server.
	ClientSecret string `json:"-"`
	// Scopes are what the token is asked for.
	Scopes []string `json:"-"`
	// EndpointParams is a query of further parameters of the token request.
	EndpointParams string `json:"-"`
}

// Enabled tells whether a mode is in force.
func (a Auth) Enabled(mode AuthMode) bool { return slices.Contains(a.Modes, mode) }

// String names the modes and nothing else.
func (a Auth) String() string {
	var names []string
	for _, m := range a.Modes {
		names = append(names, string(m))
	}
	return "auth: " + strings.Join(names, ", ")
}

// GoString is String: a dump holds no secret either.
func (a Auth) GoString() string { return a.String() }

var allModes = []AuthMode{AuthAPIKey, AuthBasic, AuthTLS, AuthBearer, AuthCustom, AuthOAuth}

// auth reads the parameters of authentication that all HTTP triggers share. Modes other than the allowed ones are refused.
func (p *params) auth(allowed ...AuthMode) Auth {
	both := []origin{metadata, authParams}
	a := Auth{
		Username: p.text(secret, "username"), Password: p.text(secret, "password"),
		BearerToken: p.text(secret, "bearerToken", "token"),
		Cert:        p.text(secret, "cert"), Key: p.text(secret, "key"), CA: p.text(secret, "ca"),
		Header: p.text(secret, "customAuthHeader"), HeaderValue: p.text(secret, "customAuthValue"),
		APIKey: p.text(both, "apiKey"), APIKeyName: p.text(both, "keyParamName"),
		APIKeyInQuery: p.choice("header", []string{"header", "query"}, both, "method") == "query",
		TokenURL:      p.text(secret, "oauthTokenURI"), ClientID: p.text(secret, "clientID"), ClientSecret: p.text(secret, "clientSecret"),
		EndpointParams: p.text(secret, "endpointParams"),
	}
	for _, scope := range p.list(",", secret, "scopes", "scope") {
		if scope != "" {
			a.Scopes = append(a.Scopes, scope)
		}
	}
	v, _ := p.find(both, "authModes", "authMode")
	exclusive := 0
	for _, word := range p.list(",", both, "authModes", "authMode") {
		mode := AuthMode(word)
		if !slices.Contains(allModes, mode) {
			p.bad(v, "a list of modes of authentication")
			return a
		}
		if mode == AuthBasic || mode == AuthBearer || mode == AuthOAuth {
			exclusive++
		}
		a.Modes = append(a.Modes, mode)
	}
	if exclusive > 1 {
		p.fail(v.field(), "at most one of bearer, basic and oauth")
	}
	p.checkAuth(a, allowed)
	return a
}

// checkAuth asks for what the modes in force need.
func (p *params) checkAuth(a Auth, allowed []AuthMode) {
	for _, mode := range a.Modes {
		if !slices.Contains(allowed, mode) {
			p.fail("authModes", "%s is not for %s triggers", mode, p.cfg.Type)
		}
	}
	need := func(mode AuthMode, field string, there bool) {
		if a.Enabled(mode) && !there {
			p.fail("authParams."+field, "missing, and the mode %s needs it", mode)
		}
	}
	need(AuthBearer, "bearerToken", a.BearerToken != "")
	need(AuthBasic, "username", a.Username != "")
	need(AuthTLS, "cert", a.Cert != "")
	need(AuthTLS, "key", a.Key != "")
	need(AuthOAuth, "oauthTokenURI", a.TokenURL != "")
	need(AuthOAuth, "clientID", a.ClientID != "")
	need(AuthCustom, "customAuthHeader", a.Header != "")
	need(AuthCustom, "customAuthValue", a.HeaderValue != "")
	need(AuthAPIKey, "apiKey", a.APIKey != "")
}
