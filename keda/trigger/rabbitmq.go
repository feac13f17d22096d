package trigger

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Modes of the trigger rabbitmq.
const (
	// RabbitQueueLength compares the number of messages.
	RabbitQueueLength = "QueueLength"
	// RabbitMessageRate compares messages published a second.
	RabbitMessageRate = "MessageRate"
	// RabbitDeliverGetRate compares messages delivered a second.
	RabbitDeliverGetRate = "DeliverGetRate"
	// RabbitPublishedToDeliveredRatio compares the former rate divided by the latter.
	RabbitPublishedToDeliveredRatio = "PublishedToDeliveredRatio"
	// RabbitExpectedQueueConsumptionTime compares how many seconds the queue would last.
	RabbitExpectedQueueConsumptionTime = "ExpectedQueueConsumptionTime"
)

var rabbitModes = []string{RabbitQueueLength, RabbitMessageRate, RabbitDeliverGetRate, RabbitPublishedToDeliveredRatio,
	RabbitExpectedQueueConsumptionTime}

// RabbitMQ is the trigger rabbitmq.
type RabbitMQ struct {
	metric
	// QueueName is the queue, or with UseRegex an expression that matches several.
	QueueName string
	// Mode says what is compared.
	Mode string
	// Value is the target.
	Value float64
	// ActivationValue is what the number must exceed for the trigger to be active.
	ActivationValue float64
	// Host is the server's URL, which may hold a user and a password; its path is the virtual host.
	Host string `json:"-"`
	// Protocol is "http" or "amqp".
	Protocol string
	// VhostName, where given, takes the place of the virtual host in Host.
	VhostName string
	// UseRegex reads all queues that match.
	UseRegex bool
	// ExcludeUnacknowledged counts only messages that are ready.
	ExcludeUnacknowledged bool
	// PageSize is how many queues one request may match.
	PageSize int64
	// Operation joins several queues: sum, avg or max.
	Operation string
	// Timeout bounds the request; 0 is the caller's own.
	Timeout time.Duration
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// TLS says that the server's certificate and the client's are those of Auth.
	TLS bool
	// Auth holds user name, password, certificates and OAuth's client credentials.
	Auth Auth
}

func newRabbitMQ(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	private := []origin{metadata, authParams}
	t := &RabbitMQ{
		QueueName: p.need(written, "queueName"), Mode: p.or("Unknown", written, "mode"), Value: p.float("value", 0),
		ActivationValue: p.float("activationValue", 0), Host: p.need(anywhere, "host"), Protocol: p.or("auto", private, "protocol"),
		VhostName: p.text(private, "vhostName"), UseRegex: p.flag("useRegex", false),
		ExcludeUnacknowledged: p.flag("excludeUnacknowledged", false), PageSize: p.integer("pageSize", 100),
		Operation: p.or("sum", written, "operation"), Timeout: p.duration("timeout"), UnsafeSSL: p.flag("unsafeSsl", false),
		Auth: p.auth(AuthOAuth, AuthBasic, AuthTLS),
	}
	t.Auth.Username, t.Auth.Password = p.text(secretOrEnv, "username"), p.text(secretOrEnv, "password")
	length := p.float("queueLength", 0)
	p.rabbitConnection(t)
	p.rabbitMode(t, length)
	return t, p.metric(&t.metric, "rabbitmq-"+url.QueryEscape(t.QueueName), Quantity(t.Value), t.ActivationValue)
}

// rabbitConnection checks what belongs to the connection.
func (p *params) rabbitConnection(t *RabbitMQ) {
	switch t.Protocol {
	case "http", "amqp":
	case "auto":
		scheme, _, _ := strings.Cut(t.Host, ":")
		if _, err := url.ParseRequestURI(t.Host); err != nil && t.Host != "" {
			scheme = ""
		}
		switch strings.ToLower(scheme) {
		case "http", "https":
			t.Protocol = "http"
		case "amqp", "amqps":
			t.Protocol = "amqp"
		default:
			if t.Host != "" {
				p.fail("metadata.host", "not a URL whose scheme is http, https, amqp or amqps")
			}
		}
	default:
		v, _ := p.find([]origin{metadata, authParams}, "protocol")
		p.bad(v, "one of auto, http, amqp")
	}
	switch p.or("disable", secret, "tls") {
	case "enable":
		t.TLS = true
	case "disable":
	default:
		p.fail("authParams.tls", "neither enable nor disable")
	}
	if (t.Auth.Cert == "") != (t.Auth.Key == "") {
		p.fail("authParams.cert", "certificate and key go together")
	}
	if (t.Auth.Username == "") != (t.Auth.Password == "") {
		p.fail("authParams.username", "user name and password go together")
	}
	if t.PageSize < 1 {
		p.fail("metadata.pageSize", "%d is less than 1", t.PageSize)
	}
	if t.Auth.TokenURL != "" || t.Auth.ClientID != "" || t.Auth.ClientSecret != "" {
		switch {
		case len(t.Auth.Modes) > 0 && t.Auth.ClientSecret != "":
		case t.Auth.TokenURL == "" || t.Auth.ClientID == "" || t.Auth.ClientSecret == "":
			p.fail("authParams.clientSecret", "oauthTokenURI, clientID and clientSecret go together")
		default:
			t.Auth.Modes = []AuthMode{AuthOAuth}
		}
		if t.Protocol == "amqp" {
			p.fail("authParams.oauthTokenURI", "OAuth is for HTTP alone")
		}
		if t.Auth.Username != "" {
			p.fail("authParams.oauthTokenURI", "OAuth and a user name exclude each other")
		}
	}
	if t.Protocol != "http" {
		if t.UseRegex {
			p.fail("metadata.useRegex", "for HTTP alone")
		}
		if t.ExcludeUnacknowledged {
			p.fail("metadata.excludeUnacknowledged", "for HTTP alone")
		}
	}
}

// rabbitMode settles mode and value, the old queueLength included (S8).
func (p *params) rabbitMode(t *RabbitMQ, length float64) {
	const unknown = "Unknown"
	switch {
	case length == 0 && t.Mode == unknown && t.Value == 0:
		t.Mode, t.Value = RabbitQueueLength, 20
		return
	case length != 0 && (t.Mode != unknown || t.Value != 0):
		p.fail("metadata.queueLength", "not together with mode and value")
		return
	case length != 0:
		t.Mode, t.Value = RabbitQueueLength, length
		return
	case t.Mode == unknown:
		p.missing("mode")
		return
	case t.Value == 0:
		p.missing("value")
		return
	}
	if !slices.Contains(rabbitModes, t.Mode) {
		p.fail("metadata.mode", "%q is none of %s", t.Mode, strings.Join(rabbitModes, ", "))
	} else if t.Mode != RabbitQueueLength && t.Protocol != "http" {
		p.fail("metadata.mode", "%s is for HTTP alone", t.Mode)
	}
	if t.Protocol == "amqp" && t.Timeout != 0 {
		p.fail("metadata.timeout", "for HTTP alone")
	}
}

// rabbitQueue is a queue as the management API tells of it.
type rabbitQueue struct {
	Messages int `json:"messages"`
	Ready    int `json:"messages_ready"`
	// Unacknowledged and Name are decoded for their types alone.
	Unacknowledged int    `json:"messages_unacknowledged"`
	Name           string `json:"name"`
	Stats          struct {
		Publish    rabbitRate `json:"publish_details"`
		DeliverGet rabbitRate `json:"deliver_get_details"`
	} `json:"message_stats"`
}

type rabbitRate struct {
	Rate float64 `json:"rate"`
}

// Read is the reading of the management API's answer: a queue, or a page of queues with UseRegex. The status must be 200.
func (t *RabbitMQ) Read(status int, body []byte) (Reading, error) {
	if status != 200 {
		return Reading{}, unusable("status %d", status)
	}
	var q rabbitQueue
	decode := func(into any) error {
		// As upstream does, read one value and leave alone what follows.
		if err := json.NewDecoder(strings.NewReader(string(body))).Decode(into); err != nil {
			return unusable("body: %v", shape(err))
		}
		return nil
	}
	if t.UseRegex {
		var page struct {
			Items []rabbitQueue `json:"items"`
			Pages int           `json:"page_count"`
		}
		if err := decode(&page); err != nil {
			return Reading{}, err
		}
		if page.Pages > 1 {
			return Reading{}, unusable("more queues match than fit on a page of %d", t.PageSize)
		}
		var err error
		if q, err = t.join(page.Items); err != nil {
			return Reading{}, err
		}
	} else if err := decode(&q); err != nil {
		return Reading{}, err
	}
	messages := q.Messages
	if t.ExcludeUnacknowledged {
		messages = q.Ready
	}
	return t.Queue(int64(messages), q.Stats.Publish.Rate, q.Stats.DeliverGet.Rate), nil
}

// join makes one queue out of several; none make an empty one.
func (t *RabbitMQ) join(queues []rabbitQueue) (rabbitQueue, error) {
	var all rabbitQueue
	if len(queues) == 0 {
		return all, nil
	}
	if !slices.Contains([]string{"sum", "avg", "max"}, t.Operation) {
		return all, unusable("operation %q is none of sum, avg and max", t.Operation)
	}
	for _, q := range queues {
		if t.Operation == "max" {
			all.Messages, all.Ready = max(all.Messages, q.Messages), max(all.Ready, q.Ready)
			all.Stats.Publish.Rate = max(all.Stats.Publish.Rate, q.Stats.Publish.Rate)
			all.Stats.DeliverGet.Rate = max(all.Stats.DeliverGet.Rate, q.Stats.DeliverGet.Rate)
			continue
		}
		all.Messages += q.Messages
		all.Ready += q.Ready
		all.Stats.Publish.Rate += q.Stats.Publish.Rate
		all.Stats.DeliverGet.Rate += q.Stats.DeliverGet.Rate
	}
	if n := len(queues); t.Operation == "avg" {
		all.Messages /= n
		all.Ready /= n
		all.Stats.Publish.Rate /= float64(n)
		all.Stats.DeliverGet.Rate /= float64(n)
	}
	return all, nil
}

// Queue is the reading of a queue with so many messages and such rates a second. Over AMQP the rates are 0.
func (t *RabbitMQ) Queue(messages int64, publish, deliver float64) Reading {
	m, floor := float64(messages), t.activation
	switch t.Mode {
	case RabbitMessageRate:
		return t.reading(publish, publish > floor || m > floor)
	case RabbitDeliverGetRate:
		return t.reading(deliver, deliver > floor)
	case RabbitPublishedToDeliveredRatio:
		stuck := publish > 0 && deliver == 0
		ratio := 0.0
		if stuck {
			ratio = floor
		} else if publish > 0 && deliver > 0 {
			ratio = publish / deliver
		}
		return t.reading(ratio, ratio > floor || stuck)
	case RabbitExpectedQueueConsumptionTime:
		eta := (publish-deliver)/deliver + m/deliver
		if messages == 0 {
			eta = 0
		} else if deliver == 0 {
			eta = floor
		}
		return t.reading(eta, eta > floor || deliver == 0 && messages > 0)
	}
	return t.Judge(m)
}
