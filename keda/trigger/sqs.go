package trigger

import (
	"net/url"
	"strconv"
	"strings"
)

// Attributes of a queue that the trigger aws-sqs-queue may ask for.
const (
	// SQSVisible is the attribute of messages that can be received.
	SQSVisible = "ApproximateNumberOfMessages"
	// SQSInFlight is the attribute of messages received and not yet deleted.
	SQSInFlight = "ApproximateNumberOfMessagesNotVisible"
	// SQSDelayed is the attribute of messages that cannot be received yet.
	SQSDelayed = "ApproximateNumberOfMessagesDelayed"
)

// SQS is the trigger aws-sqs-queue: how many messages a queue holds.
type SQS struct {
	metric
	// AWS says where, and as whom.
	AWS AWS
	// QueueURL is the queue's URL, or its name.
	QueueURL string
	// QueueName is the name in the URL.
	QueueName string
	// QueueLength is the target, 5 by default.
	QueueLength int64
	// ActivationQueueLength is what the number must exceed for the trigger to be active.
	ActivationQueueLength int64
	// ScaleOnInFlight counts messages in flight. It is on by default.
	ScaleOnInFlight bool
	// ScaleOnDelayed counts delayed messages.
	ScaleOnDelayed bool
}

func newSQS(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &SQS{
		QueueURL:    p.need([]origin{metadata, resolvedEnv}, "queueURL"),
		QueueLength: p.integer("queueLength", 5), ActivationQueueLength: p.integer("activationQueueLength", 0),
		ScaleOnInFlight: p.flag("scaleOnInFlight", true), ScaleOnDelayed: p.flag("scaleOnDelayed", false), AWS: p.aws(),
	}
	t.QueueName = t.QueueURL
	if u, err := url.ParseRequestURI(t.QueueURL); err == nil {
		parts := strings.Split(u.Path, "/")
		if len(parts) != 3 || parts[2] == "" {
			p.fail("metadata.queueURL", "its path is not an account and a queue")
		} else {
			t.QueueName = parts[2]
		}
	}
	return t, p.count(&t.metric, "aws-sqs-"+t.QueueName, t.QueueLength, t.ActivationQueueLength)
}

// Attributes are the attributes to ask for, which the reading sums up.
func (t *SQS) Attributes() []string {
	names := []string{SQSVisible}
	if t.ScaleOnInFlight {
		names = append(names, SQSInFlight)
	}
	if t.ScaleOnDelayed {
		names = append(names, SQSDelayed)
	}
	return names
}

// Read is the reading of a queue's attributes (S3). Each one asked for must be there and be an integer.
func (t *SQS) Read(attributes map[string]string) (Reading, error) {
	var sum int64
	for _, name := range t.Attributes() {
		text, ok := attributes[name]
		if !ok {
			return Reading{}, unusable("attribute %s is not there", name)
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return Reading{}, unusable("attribute %s: %q is not an integer", name, clip(text))
		}
		sum += n
	}
	return t.Count(sum), nil
}
