package trigger

import "encoding/json"

// Graphite is the trigger graphite: the latest number of one series.
type Graphite struct {
	metric
	// ServerAddress is the address that "/render" is appended to.
	ServerAddress string
	// Query is the target expression.
	Query string
	// QueryTime is how far back the request looks, such as "-5Min".
	QueryTime string
	// Threshold is the target, 100 by default.
	Threshold float64
	// ActivationThreshold is what the number must exceed for the trigger to be active.
	ActivationThreshold float64
	// Auth is how the request proves who it is. A user name alone turns the mode basic on.
	Auth Auth
}

func newGraphite(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Graphite{
		ServerAddress: p.need(written, "serverAddress"), Query: p.need(written, "query"), QueryTime: p.need(written, "queryTime"),
		Threshold: p.float("threshold", 100), ActivationThreshold: p.float("activationThreshold", 0), Auth: p.auth(AuthBasic),
	}
	if len(t.Auth.Modes) == 0 && t.Auth.Username != "" {
		t.Auth.Modes = []AuthMode{AuthBasic}
	}
	return t, p.metric(&t.metric, "graphite", Quantity(t.Threshold), t.ActivationThreshold)
}

// Read is the reading of an answer's body: the last number of its only series that is not null. No series, or one without
// points, is 0. The status does not matter as long as the body is such a list.
func (t *Graphite) Read(status int, body []byte) (Reading, error) {
	var series []struct {
		Datapoints [][]*float64 `json:"datapoints"`
	}
	if err := json.Unmarshal(body, &series); err != nil {
		return Reading{}, unusable("status %d, body: %v", status, shape(err))
	}
	if len(series) > 1 {
		return Reading{}, unusable("%d series where one is wanted", len(series))
	}
	if len(series) == 0 || len(series[0].Datapoints) == 0 {
		return t.Judge(0), nil
	}
	points := series[0].Datapoints
	for i := len(points) - 1; i >= 0; i-- {
		if len(points[i]) == 0 { // Upstream panics.
			return Reading{}, unusable("point %d is empty", i)
		}
		if x := points[i][0]; x != nil {
			return t.Judge(*x), nil
		}
	}
	return Reading{}, unusable("all %d points are null; a longer queryTime may help", len(points))
}
