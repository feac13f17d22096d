package trigger

import (
	"slices"
	"strconv"
	"strings"
)

// Kafka is the trigger kafka or apache-kafka: how far a consumer group is behind.
type Kafka struct {
	metric
	// BootstrapServers are host and port of brokers.
	BootstrapServers []string
	// ConsumerGroup is the group.
	ConsumerGroup string
	// Topics are the topics; none means all that the group has committed to. The trigger kafka knows at most one.
	Topics []string
	// LagThreshold is the target, 10 by default.
	LagThreshold int64
	// ActivationLagThreshold is what the lag must exceed for the trigger to be active.
	ActivationLagThreshold int64
	// PartitionLimitation are the partitions that count; nil means all.
	PartitionLimitation []int32
	// FromEarliest says that a group without an offset starts at the log's beginning; otherwise at its end (offsetResetPolicy).
	FromEarliest bool
	// AllowIdleConsumers lets the value call for more consumers than there are partitions.
	AllowIdleConsumers bool
	// ExcludePersistentLag leaves partitions out of the value whose offset did not move since the last reading.
	ExcludePersistentLag bool
	// ScaleToZeroOnInvalidOffset counts a partition without an offset as 0.
	ScaleToZeroOnInvalidOffset bool
	// LimitToPartitionsWithLag lets the value call for at most as many consumers as there are partitions with a lag.
	LimitToPartitionsWithLag bool
	// EvenDistribution rounds the value up so that all consumers get equally many partitions.
	EvenDistribution bool
}

func newKafka(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := p.kafka()
	if topic := p.text([]origin{metadata, resolvedEnv}, "topic"); topic != "" {
		t.Topics = []string{topic}
	}
	if t.EvenDistribution {
		if t.LimitToPartitionsWithLag {
			p.fail("metadata.ensureEvenDistributionOfPartitions", "not together with limitToPartitionsWithLag")
		}
		if len(t.Topics) == 0 {
			p.fail("metadata.ensureEvenDistributionOfPartitions", "needs a topic")
		}
	}
	if !p.flag("fullMetadata", true) && len(t.Topics) == 0 {
		p.fail("metadata.fullMetadata", "needs a topic when off")
	}
	return t, p.kafkaMetric(t)
}

func newApacheKafka(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := p.kafka()
	t.Topics = p.list(",", []origin{metadata, resolvedEnv}, "topic")
	return t, p.kafkaMetric(t)
}

// kafka reads what both triggers share. How to connect is the caller's concern.
func (p *params) kafka() *Kafka {
	servers := []origin{metadata, resolvedEnv}
	t := &Kafka{
		BootstrapServers: p.list(",", servers, "bootstrapServers"), ConsumerGroup: p.need(servers, "consumerGroup"),
		LagThreshold: p.integer("lagThreshold", 10), ActivationLagThreshold: p.integer("activationLagThreshold", 0),
		FromEarliest:       p.choice("latest", []string{"latest", "earliest"}, written, "offsetResetPolicy") == "earliest",
		AllowIdleConsumers: p.flag("allowIdleConsumers", false), ExcludePersistentLag: p.flag("excludePersistentLag", false),
		ScaleToZeroOnInvalidOffset: p.flag("scaleToZeroOnInvalidOffset", false),
		LimitToPartitionsWithLag:   p.flag("limitToPartitionsWithLag", false),
		EvenDistribution:           p.flag("ensureEvenDistributionOfPartitions", false),
	}
	if len(t.BootstrapServers) == 0 {
		p.missing("bootstrapServers")
	}
	return t
}

// kafkaMetric checks what must fit together and fixes the metric.
func (p *params) kafkaMetric(t *Kafka) error {
	if t.LagThreshold <= 0 {
		p.fail("metadata.lagThreshold", "%d is not greater than 0", t.LagThreshold)
	}
	if t.ActivationLagThreshold < 0 {
		p.fail("metadata.activationLagThreshold", "%d is negative", t.ActivationLagThreshold)
	}
	if t.LimitToPartitionsWithLag {
		if t.AllowIdleConsumers {
			p.fail("metadata.limitToPartitionsWithLag", "not together with allowIdleConsumers")
		}
		if len(t.Topics) == 0 {
			p.fail("metadata.limitToPartitionsWithLag", "needs a topic")
		}
	}
	if v, ok := p.find(written, "partitionLimitation"); ok {
		t.PartitionLimitation = p.partitions(v)
	}
	base := "kafka-" + strings.Join(t.Topics, ",")
	if len(t.Topics) == 0 {
		t.PartitionLimitation = nil
		base = "kafka-" + t.ConsumerGroup + "-topics"
	}
	return p.count(&t.metric, base, t.LagThreshold, t.ActivationLagThreshold)
}

// mostPartitions bounds a limitation to a number of partitions that a cluster could have.
const mostPartitions = 1_000_000

// partitions reads a list of numbers and ranges such as "1-4,8". An empty range adds nothing.
func (p *params) partitions(v value) []int32 {
	list := []int32{}
	for _, part := range strings.Split(v.text, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			last = first
		}
		from, err := strconv.ParseInt(strings.TrimSpace(first), 10, 32)
		to, err2 := strconv.ParseInt(strings.TrimSpace(last), 10, 32)
		if err != nil || err2 != nil || to-from+int64(len(list)) > mostPartitions {
			p.bad(v, "a list of partitions and ranges")
			return nil
		}
		for n := from; n <= to; n++ {
			list = append(list, int32(n))
		}
	}
	return list
}

// KafkaPartition is what a cluster says about one partition.
type KafkaPartition struct {
	// Topic is the topic.
	Topic string
	// Partition is the partition's number.
	Partition int32
	// Committed is the group's offset, -1 if it has none; nil if the cluster did not answer for this partition.
	Committed *int64
	// End is the log's end; nil if the cluster did not answer for this partition, which then counts nowhere.
	End *int64
	// Earliest is the log's beginning, nil if unknown. Only a group without an offset asks for it.
	Earliest *int64
	// Err is the cluster's error about the group's offset.
	Err error
}

// KafkaState is what lives between readings: the offset that each partition had. It belongs to one trigger, and an error
// empties it, as KEDA builds its triggers anew after any error (S13).
type KafkaState map[string]map[int32]int64

// clone copies a state, so that the caller's is left alone.
func (s KafkaState) clone() KafkaState {
	out := make(KafkaState, len(s))
	for topic, offsets := range s {
		out[topic] = make(map[int32]int64, len(offsets))
		for n, offset := range offsets {
			out[topic][n] = offset
		}
	}
	return out
}

// Read is the reading of the offsets of all partitions, and the state for the next one (S12). The order of the partitions
// does not matter.
func (t *Kafka) Read(partitions []KafkaPartition, last KafkaState) (Reading, KafkaState, error) {
	state := last.clone()
	var total, persistent, count, behind int64
	for _, part := range partitions {
		if !t.watches(part) || part.End == nil {
			continue
		}
		lag, whole, err := t.lag(part, state)
		if err != nil {
			return Reading{}, KafkaState{}, err
		}
		count++
		total += lag
		persistent += whole
		if lag > 0 {
			behind++
		}
	}
	if !t.AllowIdleConsumers || t.LimitToPartitionsWithLag || t.EvenDistribution {
		bound := count
		if t.EvenDistribution {
			total = t.even(total, count)
		}
		if t.LimitToPartitionsWithLag {
			bound = behind
		}
		if total/t.LagThreshold > bound {
			total = bound * t.LagThreshold
		}
	}
	return t.reading(float64(total), persistent > t.ActivationLagThreshold), state, nil
}

func (t *Kafka) watches(part KafkaPartition) bool {
	return (len(t.Topics) == 0 || slices.Contains(t.Topics, part.Topic)) &&
		(t.PartitionLimitation == nil || slices.Contains(t.PartitionLimitation, part.Partition))
}

// lag is a partition's lag for the value and for the activity. Both may be negative.
func (t *Kafka) lag(part KafkaPartition, state KafkaState) (value, activity int64, err error) {
	committed := int64(0)
	switch {
	case part.Err != nil:
		return 0, 0, unusable("topic %q, partition %d: the group's offset: %v", part.Topic, part.Partition, part.Err)
	case part.Committed != nil:
		committed = *part.Committed
	case t.kind == "kafka": // The other trigger takes it for offset 0.
		return 0, 0, unusable("topic %q, partition %d: the group's offset is not there", part.Topic, part.Partition)
	}
	end := *part.End
	if committed == -1 {
		n := int64(1)
		if t.FromEarliest {
			if n = end; part.Earliest != nil {
				n = max(0, end-*part.Earliest)
			}
		}
		if t.ScaleToZeroOnInvalidOffset {
			n = 0
		}
		return n, n, nil
	}
	whole := end - committed
	if t.ExcludePersistentLag {
		before, known := state[part.Topic][part.Partition]
		if known && before == committed {
			return 0, whole, nil
		}
		if state[part.Topic] == nil {
			state[part.Topic] = map[int32]int64{}
		}
		state[part.Topic][part.Partition] = committed
	}
	return whole, whole, nil
}

// even is the lag that calls for the smallest divisor of the partitions' number that covers the lag.
func (t *Kafka) even(total, partitions int64) int64 {
	for n := int64(1); n <= partitions; n++ {
		if partitions%n == 0 && n*t.LagThreshold >= total {
			return n * t.LagThreshold
		}
	}
	return partitions * t.LagThreshold
}
