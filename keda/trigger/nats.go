package trigger

import "encoding/json"

// NATS is the trigger nats-jetstream: how many messages a consumer has before it.
type NATS struct {
	metric
	// Endpoint is host and port of a server's monitoring.
	Endpoint string
	// UseHTTPS asks over HTTPS.
	UseHTTPS bool
	// Account is the account's name.
	Account string
	// AccountID is the account's id, its name unless given.
	AccountID string
	// Stream is the stream.
	Stream string
	// Consumer is the consumer.
	Consumer string
	// LagThreshold is the target, 10 by default.
	LagThreshold int64
	// ActivationLagThreshold is what the number must exceed for the trigger to be active.
	ActivationLagThreshold int64
}

func newNATS(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	private := []origin{authParams, metadata}
	t := &NATS{
		Endpoint: p.need(private, "natsServerMonitoringEndpoint"), UseHTTPS: p.flag("useHttps", false),
		Account: p.text(private, "account"), AccountID: p.text(private, "accountID"),
		Stream: p.need(written, "stream"), Consumer: p.need(written, "consumer"),
		LagThreshold: p.integer("lagThreshold", 10), ActivationLagThreshold: p.integer("activationLagThreshold", 0),
	}
	if t.AccountID == "" {
		if t.AccountID = t.Account; t.Account == "" {
			p.missing("account")
		}
	}
	return t, p.count(&t.metric, "nats-jetstream-"+t.Stream, t.LagThreshold, t.ActivationLagThreshold)
}

// NATSConsumer is what one server says about the trigger's consumer.
type NATSConsumer struct {
	// ClusterSize is how many servers there are; with more than one only the leader's word counts.
	ClusterSize int
	// Found says that the server knows the consumer.
	Found bool
	// Leader is the name of the server that leads the consumer.
	Leader string
	// Lag is how many messages are pending or not acknowledged.
	Lag int64
}

// Find finds the trigger's consumer in a server's answer to /jsz.
func (t *NATS) Find(body []byte) (NATSConsumer, error) {
	var answer struct {
		Meta struct {
			Size int `json:"cluster_size"`
		} `json:"meta_cluster"`
		Accounts []struct {
			ID      string `json:"id"`
			Name    string `json:"name"`
			Streams []struct {
				Name      string `json:"name"`
				Consumers []struct {
					Name       string `json:"name"`
					Pending    int    `json:"num_pending"`
					AckPending int    `json:"num_ack_pending"`
					Cluster    struct {
						Leader string `json:"leader"`
					} `json:"cluster"`
				} `json:"consumer_detail"`
			} `json:"stream_detail"`
		} `json:"account_details"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return NATSConsumer{}, unusable("body: %v", shape(err))
	}
	found := NATSConsumer{ClusterSize: answer.Meta.Size}
	for _, account := range answer.Accounts {
		if account.ID != t.AccountID && account.Name != t.Account {
			continue
		}
		for _, stream := range account.Streams {
			if stream.Name != t.Stream {
				continue
			}
			for _, c := range stream.Consumers {
				if c.Name == t.Consumer {
					found.Found, found.Leader, found.Lag = true, c.Cluster.Leader, int64(c.Pending)+int64(c.AckPending)
					return found, nil
				}
			}
		}
	}
	return found, nil
}

// Read is the reading of what the consumer's leader, or the only server, says.
func (t *NATS) Read(c NATSConsumer) (Reading, error) {
	if !c.Found {
		return Reading{}, unusable("consumer %q of stream %q is not there", t.Consumer, t.Stream)
	}
	return t.Count(c.Lag), nil
}
