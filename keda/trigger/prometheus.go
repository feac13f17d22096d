package trigger

import (
	"math"
	"time"
)

// Prometheus is the trigger prometheus: the one number that an instant query gives.
type Prometheus struct {
	metric
	// ServerAddress is the address that "/api/v1/query" is appended to.
	ServerAddress string
	// Query is the PromQL. A scalar is not a result: wrap it with vector().
	Query string
	// QueryParameters are added to the request's query.
	QueryParameters map[string]string
	// CustomHeaders are added to the request.
	CustomHeaders map[string]string
	// Namespace, where given, is the request's parameter of that name, for servers that want one.
	Namespace string
	// Threshold is the target.
	Threshold float64
	// ActivationThreshold is what the number must exceed for the trigger to be active.
	ActivationThreshold float64
	// IgnoreNullValues takes a missing result, infinity and NaN for 0; otherwise they are errors. It is on by default.
	IgnoreNullValues bool
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// Timeout bounds the request; 0 is the caller's own.
	Timeout time.Duration
	// Auth is how the request proves who it is.
	Auth Auth
}

func newPrometheus(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Prometheus{
		ServerAddress: p.need(written, "serverAddress"), Query: p.need(written, "query"), QueryParameters: p.pairs("queryParameters"),
		CustomHeaders: p.pairs("customHeaders"), Namespace: p.text(written, "namespace"), Threshold: p.needFloat("threshold"),
		ActivationThreshold: p.float("activationThreshold", 0), IgnoreNullValues: p.flag("ignoreNullValues", true),
		UnsafeSSL: p.flag("unsafeSsl", false), Timeout: p.duration("timeout"), Auth: p.auth(allModes...),
	}
	if len(t.Auth.Modes) > 0 && cfg.PodIdentity != "" && cfg.PodIdentity != "none" {
		p.fail("authModes", "not together with a pod identity")
	}
	return t, p.metric(&t.metric, "prometheus", Quantity(t.Threshold), t.ActivationThreshold)
}

// Read is the reading of an answer: its status and its body (S1).
func (t *Prometheus) Read(status int, body []byte) (Reading, error) {
	if err := success(status); err != nil {
		return Reading{}, err
	}
	text, x, err := sample(body, t.IgnoreNullValues)
	switch {
	case err != nil:
		return Reading{}, err
	case text != nil:
		if x, err = number(*text); err != nil {
			return Reading{}, err
		}
	case math.IsNaN(x):
		return t.Judge(-1), nil // S1: a JSON null.
	}
	if math.IsInf(x, 0) || math.IsNaN(x) {
		if !t.IgnoreNullValues {
			return Reading{}, unusable("the value is %v, and ignoreNullValues is off", x)
		}
		x = 0
	}
	return t.Judge(x), nil
}
