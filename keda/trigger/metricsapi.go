package trigger

import "time"

// Formats of the answer that the trigger metrics-api reads.
const (
	// FormatJSON is JSON, with a path of gjson.
	FormatJSON = "json"
	// FormatYAML is YAML, with names and list positions joined by dots.
	FormatYAML = "yaml"
	// FormatPrometheus is the text format of Prometheus, with a metric's selector.
	FormatPrometheus = "prometheus"
	// FormatXML is XML. It can be asked for, but the release reproduced here never reads it.
	FormatXML = "xml"
)

// MetricsAPI is the trigger metrics-api: one number of some HTTP endpoint's answer.
type MetricsAPI struct {
	metric
	// URL is the endpoint.
	URL string `json:"-"`
	// Format is the answer's format, FormatJSON by default.
	Format string
	// ValueLocation says where in the answer the number stands.
	ValueLocation string
	// TargetValue is the target.
	TargetValue float64
	// ActivationTargetValue is what the number must exceed for the trigger to be active.
	ActivationTargetValue float64
	// FromEndpoints reads each endpoint behind the service that URL names, instead of the service.
	FromEndpoints bool
	// Aggregation joins the numbers of several endpoints: average, sum, max or min.
	Aggregation string
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// Timeout bounds the request; 0 is the caller's own.
	Timeout time.Duration
	// Auth is how the request proves who it is.
	Auth Auth
}

func newMetricsAPI(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &MetricsAPI{
		URL: p.need(written, "url"), ValueLocation: p.need(written, "valueLocation"),
		Format:      p.choice(FormatJSON, []string{FormatPrometheus, FormatJSON, FormatXML, FormatYAML}, written, "format"),
		TargetValue: p.float("targetValue", 0), ActivationTargetValue: p.float("activationTargetValue", 0),
		FromEndpoints: p.flag("aggregateFromKubeServiceEndpoints", false),
		Aggregation:   p.choice("average", []string{"average", "sum", "max", "min"}, written, "aggregationType"),
		UnsafeSSL:     p.flag("unsafeSsl", false), Timeout: p.duration("timeout"), Auth: p.auth(AuthAPIKey, AuthBasic, AuthTLS, AuthBearer),
	}
	if t.TargetValue == 0 && !cfg.ScalingModifiers && len(p.errs) == 0 {
		p.fail("metadata.targetValue", "missing or 0")
	}
	return t, p.metric(&t.metric, "metric-api-"+t.ValueLocation, Quantity(t.TargetValue), t.ActivationTargetValue)
}

// Read is the reading of an answer: its status, which must be 200, and its body (S2).
func (t *MetricsAPI) Read(status int, body []byte) (Reading, error) {
	x, err := t.Number(status, body)
	if err != nil {
		return Reading{}, err
	}
	return t.Judge(x), nil
}

// Number is the number of one endpoint's answer, for [MetricsAPI.Join].
func (t *MetricsAPI) Number(status int, body []byte) (float64, error) {
	if status != 200 {
		return 0, unusable("status %d", status)
	}
	switch t.Format {
	case FormatJSON:
		return jsonNumber(body, t.ValueLocation)
	case FormatYAML:
		return yamlNumber(body, t.ValueLocation)
	case FormatPrometheus:
		return expositionNumber(body, t.ValueLocation)
	case FormatXML:
		return 0, unusable("KEDA decodes no XML, though it knows the format's name")
	}
	return 0, unusable("format %q is not one", t.Format)
}

// Join is the reading of the endpoints behind a service: the numbers of those that answered, and how many failed. It is an
// error if none answered.
func (t *MetricsAPI) Join(numbers []float64, failed int) (Reading, error) {
	if len(numbers) == 0 {
		return Reading{}, unusable("none of %d endpoints gave a number", failed)
	}
	joined := numbers[0]
	for _, x := range numbers[1:] {
		switch t.Aggregation {
		case "min":
			if x < joined {
				joined = x
			}
		case "max":
			if x > joined {
				joined = x
			}
		default:
			joined += x
		}
	}
	if t.Aggregation == "average" {
		joined /= float64(len(numbers))
	}
	return t.Judge(joined), nil
}
