package trigger

import "k8s.io/apimachinery/pkg/api/resource"

// Shards is the trigger aws-kinesis-stream or aws-dynamodb-streams: how many shards a stream has.
type Shards struct {
	metric
	// AWS says where, and as whom.
	AWS AWS
	// Stream is the Kinesis stream, or the DynamoDB table whose stream is meant.
	Stream string
	// ShardCount is the target, 2 by default.
	ShardCount int64
	// ActivationShardCount is what the number must exceed for the trigger to be active.
	ActivationShardCount int64
}

func newKinesis(cfg Config) (Trigger, error) { return newShards(cfg, "streamName", "aws-kinesis-") }

func newDynamoDBStreams(cfg Config) (Trigger, error) {
	return newShards(cfg, "tableName", "aws-dynamodb-streams-")
}

func newShards(cfg Config, parameter, base string) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Shards{
		Stream: p.need(written, parameter), ShardCount: p.integer("shardCount", 2),
		ActivationShardCount: p.integer("activationShardCount", 0), AWS: p.aws(),
	}
	return t, p.count(&t.metric, base+t.Stream, t.ShardCount, t.ActivationShardCount)
}

// Read is the reading of a number of shards (S5): the open ones of a Kinesis stream, all of a table's stream.
func (t *Shards) Read(shards int64) Reading { return t.Count(shards) }

// count fixes the metric of a trigger that counts: its target is a whole number of any sign (Q2).
func (p *params) count(m *metric, base string, goal, activation int64) error {
	err := p.metric(m, base, *resource.NewQuantity(goal, resource.DecimalSI), float64(activation))
	m.floor = activation
	return err
}
