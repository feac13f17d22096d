package trigger

import (
	"strconv"
	"strings"
)

// RedisServer is how a trigger reaches Redis. It prints and marshals without its secrets. The caller opens the connection.
type RedisServer struct {
	// Addresses are host and port of the servers, or of the sentinels.
	Addresses []string
	// Username is the user's name.
	Username string `json:"-"`
	// Password is the user's password.
	Password string `json:"-"`
	// SentinelUsername is the user's name at the sentinels.
	SentinelUsername string `json:"-"`
	// SentinelPassword is the user's password at the sentinels.
	SentinelPassword string `json:"-"`
	// SentinelMaster is the name of the group of servers that the sentinels watch.
	SentinelMaster string
	// Database is the database's number.
	Database int64
	// TLS encrypts the connection.
	TLS bool
	// UnsafeSSL accepts any certificate.
	UnsafeSSL bool
	// Cert and Key are the client's certificate and key in PEM.
	Cert string `json:"-"`
	// Key is the client's key in PEM.
	Key string `json:"-"`
	// KeyPassword decrypts the key.
	KeyPassword string `json:"-"`
	// CA is the authority in PEM that the server's certificate is checked against.
	CA string `json:"-"`
}

// String is the addresses, nothing secret.
func (r RedisServer) String() string { return "redis: " + strings.Join(r.Addresses, ",") }

// GoString is String: a dump holds no secret either.
func (r RedisServer) GoString() string { return r.String() }

// redisServer reads what all triggers of Redis share.
func (p *params) redisServer() RedisServer {
	envFirst := []origin{metadata, resolvedEnv, authParams}
	r := RedisServer{
		Addresses: p.list(",", anywhere, "address", "addresses"),
		Username:  p.text(envFirst, "username"), Password: p.text(envFirst, "password"),
		SentinelUsername: p.text(anywhere, "sentinelUsername"), SentinelPassword: p.text(anywhere, "sentinelPassword"),
		SentinelMaster: p.text(anywhere, "sentinelMaster"), Database: p.integer("databaseIndex", 0), UnsafeSSL: p.flag("unsafeSsl", false),
		Cert: p.text(secret, "Cert", "cert"), Key: p.text(secret, "key"), KeyPassword: p.text(secret, "keyPassword"), CA: p.text(secret, "ca"),
	}
	hosts, ports := p.list(",", envFirst, "host", "hosts"), p.list(",", envFirst, "port", "ports")
	if len(hosts) > 0 && len(ports) > 0 {
		if len(hosts) != len(ports) {
			p.fail("metadata.hosts", "%d hosts and %d ports", len(hosts), len(ports))
		} else {
			for i := range hosts {
				if strings.Contains(hosts[i], ":") {
					hosts[i] = "[" + hosts[i] + "]"
				}
				r.Addresses = append(r.Addresses, hosts[i]+":"+ports[i])
			}
		}
	}
	if len(r.Addresses) == 0 || r.Addresses[0] == "" {
		p.missing("address")
	}
	enable, inSecret := p.text(written, "enableTLS"), p.text(secret, "tls")
	switch {
	case enable != "" && inSecret != "":
		p.fail("metadata.enableTLS", "not together with the authentication's tls")
	case enable != "":
		r.TLS = p.flag("enableTLS", false)
	case inSecret == "enable":
		r.TLS = true
	case inSecret != "" && inSecret != "disable":
		p.fail("authParams.tls", "neither enable nor disable")
	}
	return r
}

// Redis is the trigger redis, redis-cluster or redis-sentinel: how many elements a key holds.
type Redis struct {
	metric
	// Server says where, and as whom.
	Server RedisServer
	// ListName is the key.
	ListName string
	// ListLength is the target, 5 by default.
	ListLength int64
	// ActivationListLength is what the number must exceed for the trigger to be active.
	ActivationListLength int64
}

func newRedis(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &Redis{
		ListName: p.need(written, "listName"), ListLength: p.integer("listLength", 5),
		ActivationListLength: p.integer("activationListLength", 0), Server: p.redisServer(),
	}
	return t, p.count(&t.metric, "redis-"+t.ListName, t.ListLength, t.ActivationListLength)
}

// LengthCommand is the command that counts the elements of a key of this type, as TYPE gives it (S6).
func (t *Redis) LengthCommand(keyType string) (string, error) {
	switch keyType {
	case "list", "none":
		return "LLEN", nil
	case "set":
		return "SCARD", nil
	case "zset":
		return "ZCARD", nil
	case "hash":
		return "HLEN", nil
	}
	return "", unusable("a key of type %q has no length", clip(keyType))
}

// Read is the reading of a key with so many elements.
func (t *Redis) Read(elements int64) Reading { return t.Count(elements) }

// RedisStreams is the trigger redis-streams, redis-cluster-streams or redis-sentinel-streams.
type RedisStreams struct {
	metric
	// Server says where, and as whom.
	Server RedisServer
	// Stream is the key.
	Stream string
	// ConsumerGroup is the group; without one the stream's length counts.
	ConsumerGroup string
	// PendingEntriesCount is the target where a group is given and LagCount is not, 5 by default.
	PendingEntriesCount int64
	// StreamLength is the target where no group is given, 5 by default.
	StreamLength int64
	// LagCount, where a group is given too, is the target of what the group has not read yet.
	LagCount int64
	// ActivationLagCount is what the number must exceed for the trigger to be active, whatever is counted.
	ActivationLagCount int64
}

func newRedisStreams(cfg Config) (Trigger, error) {
	p := params{cfg: &cfg}
	t := &RedisStreams{
		Stream: p.need(written, "stream"), ConsumerGroup: p.text(written, "consumerGroup"),
		PendingEntriesCount: p.integer("pendingEntriesCount", 5), StreamLength: p.integer("streamLength", 5),
		LagCount: p.integer("lagCount", 0), ActivationLagCount: p.integer("activationLagCount", 0), Server: p.redisServer(),
	}
	goal := t.StreamLength
	switch t.Counts() {
	case RedisLag:
		goal = t.LagCount
	case RedisPending:
		goal = t.PendingEntriesCount
	}
	return t, p.count(&t.metric, "redis-streams-"+t.Stream, goal, t.ActivationLagCount)
}

// RedisCount is what of a stream is counted.
type RedisCount string

// What of a stream is counted (S7).
const (
	// RedisLength is the stream's length (XLEN).
	RedisLength RedisCount = "length"
	// RedisPending is what a group has read and not acknowledged (XPENDING).
	RedisPending RedisCount = "pending"
	// RedisLag is what a group has not read yet (XINFO GROUPS); it needs a server of version 7.
	RedisLag RedisCount = "lag"
)

// Counts tells what of the stream is counted.
func (t *RedisStreams) Counts() RedisCount {
	switch {
	case t.ConsumerGroup == "":
		return RedisLength
	case t.LagCount != 0:
		return RedisLag
	}
	return RedisPending
}

// Read is the reading of a stream with such a length, number of pending entries or lag.
func (t *RedisStreams) Read(entries int64) Reading { return t.Count(entries) }

// RedisGroup is a consumer group as XINFO GROUPS tells of it.
type RedisGroup struct {
	// Name is the group's name.
	Name string
	// Lag is what the group has not read yet.
	Lag int64
}

// Lag finds the lag of the trigger's group. A stream whose group is not there yet tells to count its length instead.
func (t *RedisStreams) Lag(groups []RedisGroup) (lag int64, found bool) {
	for _, g := range groups {
		if g.Name == t.ConsumerGroup {
			return g.Lag, true
		}
	}
	return 0, false
}

// SupportsLag reads the answer to INFO: the lag is there from version 7 on.
func (t *RedisStreams) SupportsLag(info string) error {
	for _, line := range strings.Split(info, "\n") {
		version, ok := strings.CutPrefix(line, "redis_version:")
		if !ok {
			continue
		}
		major, _, _ := strings.Cut(strings.TrimSpace(version), ".")
		n, err := strconv.Atoi(major)
		switch {
		case err != nil:
			return unusable("the server's version %q is not a number", clip(version))
		case n < 7:
			return unusable("the lag of a group needs a server of version 7, and this is %d", n)
		}
		return nil
	}
	return unusable("the server does not say its version")
}
