package trigger

import "math"

// Loki is the trigger loki: the one number that an instant query gives.
type Loki struct {
	metric
	// ServerAddress is the address that "/loki/api/v1/query" is appended to as far as it does not end so already.
	ServerAddress string
	// Query is the LogQL.
	Query string
	// Threshold is the target.
	Threshold float64
	// ActivationThreshold is what the number must exceed for the trigger to be active.
	ActivationThreshold float64
	// TenantName, where given, is the header X-Scope-OrgID.
	TenantName string
	// IgnoreNullValues takes a missing result for 0; otherwise it is an error. It is on by default.
	IgnoreNullValues bool
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// Auth is how the request proves who it is.
	Auth Auth
}

func newLoki(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Loki{
		ServerAddress: p.need(written, "serverAddress"), Query: p.need(written, "query"), Threshold: p.needFloat("threshold"),
		ActivationThreshold: p.float("activationThreshold", 0), TenantName: p.text(written, "tenantName"),
		IgnoreNullValues: p.flag("ignoreNullValues", true), UnsafeSSL: p.flag("unsafeSsl", false), Auth: p.auth(allModes...),
	}
	if cfg.ScalingModifiers {
		t.Threshold = 0
	}
	return t, p.metric(&t.metric, "loki", Quantity(t.Threshold), t.ActivationThreshold)
}

// Read is the reading of an answer: its status and its body. Other than with prometheus a JSON null is 0, and infinity and
// NaN pass: the metric is 0 then, and the activity that of the comparison.
func (t *Loki) Read(status int, body []byte) (Reading, error) {
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
		x = 0
	}
	return t.Judge(x), nil
}
