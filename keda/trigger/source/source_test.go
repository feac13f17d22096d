package source_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

// password is what must never be told.
const password = "tr0ub4dor/3"

func build(t testing.TB, kind string, metadata, auth map[string]string) trigger.Trigger {
	t.Helper()
	made, err := trigger.New(trigger.Config{Type: kind, Index: 4, Metadata: metadata, AuthParams: auth, Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func read(t testing.TB, made trigger.Trigger, o source.Options) (trigger.Reading, error) {
	t.Helper()
	s, err := source.New(made, o)
	if err != nil {
		return trigger.Reading{}, err
	}
	return s.Read(context.Background(), now)
}

func vector(value string) string {
	return `{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"` + value + `"]}]}}`
}

// overHTTP are triggers that ask the server at this address, each with credentials.
func overHTTP(t testing.TB, address string) map[string]trigger.Trigger {
	basic := map[string]string{"authModes": "basic", "username": "reader", "password": password}
	withUser := strings.Replace(address, "://", "://reader:"+strings.ReplaceAll(password, "/", "%2F")+"@", 1)
	host := strings.TrimPrefix(address, "http://")
	return map[string]trigger.Trigger{
		"prometheus":     build(t, "prometheus", map[string]string{"serverAddress": address, "query": "up", "threshold": "1"}, basic),
		"loki":           build(t, "loki", map[string]string{"serverAddress": address, "query": "up", "threshold": "1"}, basic),
		"graphite":       build(t, "graphite", map[string]string{"serverAddress": address, "query": "up", "queryTime": "-5Min"}, basic),
		"metrics-api":    build(t, "metrics-api", map[string]string{"url": address + "/m", "valueLocation": "v", "targetValue": "1"}, map[string]string{"authModes": "apiKey", "apiKey": password, "method": "query"}),
		"rabbitmq":       build(t, "rabbitmq", map[string]string{"host": withUser + "/vh", "queueName": "q"}, nil),
		"nats-jetstream": build(t, "nats-jetstream", map[string]string{"natsServerMonitoringEndpoint": host, "account": "a", "stream": "s", "consumer": "c"}, nil),
	}
}

// TestRequests looks at what each trigger asks for.
func TestRequests(t *testing.T) {
	var asked *http.Request
	body := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		fmt.Fprint(w, body)
	}))
	defer server.Close()
	for name, want := range map[string]struct{ body, url string }{
		"prometheus":     {vector("5"), "/api/v1/query?query=up&time=2026-01-01T00:00:00Z"},
		"loki":           {vector("5"), "/loki/api/v1/query?query=up"},
		"graphite":       {`[{"datapoints":[[5,1]]}]`, "/render?from=-5Min&target=up&format=json"},
		"metrics-api":    {`{"v":5}`, "/m?api_key=tr0ub4dor%2F3"},
		"rabbitmq":       {`{"messages":5}`, "/api/queues/vh/q"},
		"nats-jetstream": {`{"account_details":[{"id":"a","stream_detail":[{"name":"s","consumer_detail":[{"name":"c","num_pending":5}]}]}]}`, "/jsz?acc=a&config=true&consumers=true"},
	} {
		body = want.body
		r, err := read(t, overHTTP(t, server.URL)[name], source.Options{})
		if err != nil || r.Value != 5 || !r.Active || !strings.HasPrefix(r.Metric, "s4-") {
			t.Errorf("%s: %v %v", name, r, err)
			continue
		}
		if asked.RequestURI != want.url {
			t.Errorf("%s asked for %s, want %s", name, asked.RequestURI, want.url)
		}
		if user, pass, ok := asked.BasicAuth(); ok != (name != "metrics-api" && name != "nats-jetstream") || ok && (user != "reader" || pass != password) {
			t.Errorf("%s came as %q %v", name, user, ok)
		}
	}
}

func TestRequestDetails(t *testing.T) {
	var asked *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			id, secret, _ := r.BasicAuth()
			if r.ParseForm(); id != "id" || secret != url.QueryEscape(password) || r.Form.Get("grant_type") != "client_credentials" || r.Form.Get("scope") != "a b" || r.Form.Get("x") != "1" {
				w.WriteHeader(http.StatusForbidden)
			}
			fmt.Fprint(w, `{"access_token":"t0ken","expires_in":3600}`)
			return
		}
		asked = r
		fmt.Fprint(w, vector("1"))
	}))
	defer server.Close()
	full := build(t, "prometheus", map[string]string{
		"serverAddress": server.URL, "query": "a b", "threshold": "1", "namespace": "x", "queryParameters": "z=1,y=2", "customHeaders": "X-A=b",
	}, map[string]string{"authModes": "bearer", "bearerToken": password})
	if _, err := read(t, full, source.Options{}); err != nil {
		t.Fatal(err)
	}
	if want := "/api/v1/query?query=a+b&time=2026-01-01T00:00:00Z&namespace=x&y=2&z=1"; asked.RequestURI != want || asked.Header.Get("X-A") != "b" || asked.Header.Get("Authorization") != "Bearer "+password {
		t.Errorf("%s %v", asked.RequestURI, asked.Header)
	}
	oauth := build(t, "loki", map[string]string{"serverAddress": server.URL + "/loki/", "query": "q", "threshold": "1", "tenantName": "me"}, map[string]string{
		"authModes": "oauth", "oauthTokenURI": server.URL + "/token", "clientID": "id", "clientSecret": password, "scopes": "a, ,b", "endpointParams": "x=1",
	})
	s, err := source.New(oauth, source.Options{Client: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Read(context.Background(), now); err != nil {
			t.Fatal(err)
		}
	}
	if asked.URL.Path != "/loki/api/v1/query" || asked.Header.Get("Authorization") != "Bearer t0ken" || asked.Header.Get("X-Scope-OrgID") != "me" {
		t.Errorf("%s %v", asked.URL, asked.Header)
	}
	for host, want := range map[string]string{
		"/": "/api/queues/%2F/a%3Ab", "": "/api/queues/%2F/a%3Ab", "/x/y/vh": "/x/y/api/queues/vh/a%3Ab", "/%2F": "/api/queues/%2F/a%3Ab",
	} {
		rabbit := build(t, "rabbitmq", map[string]string{"host": server.URL + host, "queueName": "a:b"}, nil)
		read(t, rabbit, source.Options{})
		if asked.RequestURI != want {
			t.Errorf("%s: %s, want %s", host, asked.RequestURI, want)
		}
	}
	regex := build(t, "rabbitmq", map[string]string{"host": server.URL, "vhostName": "v/h", "queueName": "^a", "useRegex": "true", "pageSize": "7"}, nil)
	read(t, regex, source.Options{})
	if want := "/api/queues/v%2Fh?page=1&use_regex=true&pagination=false&name=%5Ea&page_size=7"; asked.RequestURI != want {
		t.Errorf("%s, want %s", asked.RequestURI, want)
	}
}

// TestBadServers gives every HTTP trigger every sort of bad server. The error names trigger and field and nothing secret.
func TestBadServers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Error("the other host was asked") }))
	defer elsewhere.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"status": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, r.Header, r.URL)
		}, trigger.ErrReading},
		"huge": {func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				fmt.Fprint(w, strings.Repeat(" ", 1<<10))
			}
		}, source.ErrTooLarge},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "://", "://reader:tr0ub4dor@", 1)+"/stolen?api_key=tr0ub4dor%2F3", http.StatusFound)
		}, source.ErrUnreachable},
		"loop": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }, source.ErrUnreachable},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}, source.ErrUnreachable},
		"echo": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header, r.URL) }, trigger.ErrReading},
		"dead": {nil, source.ErrUnreachable},
	} {
		address := dead.URL
		if c.handler != nil {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			address = server.URL
		}
		for kind, made := range overHTTP(t, address) {
			_, err := read(t, made, source.Options{MaxBody: 1 << 14, Timeout: 200 * time.Millisecond})
			want := c.want
			switch {
			case err == nil:
				t.Errorf("%s, %s: no error", name, kind)
			case !errors.Is(err, want):
				t.Errorf("%s, %s: not %q: %v", name, kind, want, err)
			case !strings.HasPrefix(err.Error(), "triggers[4] ("+kind+"): metadata."):
				t.Errorf("%s, %s: does not name the field: %v", name, kind, err)
			case strings.Contains(err.Error(), "tr0ub4dor"):
				t.Errorf("%s, %s: tells the password: %v", name, kind, err)
			}
		}
	}
}

func TestRedirectOnTheSameHost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/there" {
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		fmt.Fprint(w, `{"v":2}`)
	}))
	defer server.Close()
	if r, err := read(t, overHTTP(t, server.URL)["metrics-api"], source.Options{}); err != nil || r.Value != 2 {
		t.Errorf("%v %v", r, err)
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"v":2}`) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	metadata := map[string]string{"url": server.URL, "valueLocation": "v", "targetValue": "1"}
	if _, err := read(t, build(t, "metrics-api", metadata, nil), source.Options{}); !errors.Is(err, source.ErrUnreachable) {
		t.Errorf("a certificate of no known authority: %v", err)
	}
	metadata["unsafeSsl"] = "true"
	if r, err := read(t, build(t, "metrics-api", metadata, nil), source.Options{}); err != nil || r.Value != 2 {
		t.Errorf("unsafe: %v %v", r, err)
	}
	auth := map[string]string{"authModes": "tls", "cert": password, "key": password, "ca": "x"}
	if _, err := read(t, build(t, "metrics-api", metadata, auth), source.Options{}); err == nil || !strings.Contains(err.Error(), "authParams.ca") || strings.Contains(err.Error(), password) {
		t.Errorf("an authority that is none: %v", err)
	}
	odd := &http.Client{Transport: http.NewFileTransport(http.Dir("."))}
	if _, err := read(t, build(t, "metrics-api", metadata, nil), source.Options{Client: odd}); !errors.Is(err, source.ErrNoSource) {
		t.Errorf("a transport without certificates: %v", err)
	}
}

func TestEndpoints(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, `{"v":%d}`, len(r.URL.Path))
	}))
	defer server.Close()
	made := build(t, "metrics-api", map[string]string{"url": "http://svc.ns:80/m", "valueLocation": "v", "targetValue": "1", "aggregateFromKubeServiceEndpoints": "true", "aggregationType": "sum"}, nil)
	if _, err := source.New(made, source.Options{}); !errors.Is(err, source.ErrNoSource) {
		t.Errorf("%v", err)
	}
	urls := []string{server.URL + "/a", server.URL + "/bad", server.URL + "/ccc", "http://127.0.0.1:0/"}
	list := func(context.Context, string) ([]string, error) { return urls, nil }
	if r, err := read(t, made, source.Options{Endpoints: list}); err != nil || r.Value != 6 {
		t.Errorf("%v %v", r, err)
	}
	urls = urls[3:]
	if _, err := read(t, made, source.Options{Endpoints: list}); !errors.Is(err, trigger.ErrReading) {
		t.Errorf("%v", err)
	}
}

// TestNATSCluster has three servers under one name each, of which the second leads.
func TestNATSCluster(t *testing.T) {
	lag := map[string]int{"n0.nats": 1, "n1.nats": 7, "n2.nats": 2, "nats": 1}
	client := &http.Client{Transport: roundTrip(func(r *http.Request) string {
		if r.URL.Path == "/varz" {
			return `{"server_name":"n0","cluster":{"urls":["n0.nats:6222","n1.nats:6222","n2.nats:6222"]}}`
		}
		return fmt.Sprintf(`{"meta_cluster":{"cluster_size":3},"account_details":[{"id":"a","stream_detail":[{"name":"s","consumer_detail":[{"name":"c","num_pending":%d,"cluster":{"leader":"n1"}}]}]}]}`, lag[r.URL.Hostname()])
	})}
	made := build(t, "nats-jetstream", map[string]string{"natsServerMonitoringEndpoint": "nats:8222", "account": "a", "stream": "s", "consumer": "c"}, nil)
	if r, err := read(t, made, source.Options{Client: client}); err != nil || r.Value != 7 {
		t.Errorf("%v %v", r, err)
	}
}

type roundTrip func(*http.Request) string

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteString(f(r))
	return w.Result(), nil
}

// fakeRedis answers a command by its text.
type fakeRedis map[string]any

func (f fakeRedis) Do(_ context.Context, args ...string) (any, error) {
	reply, ok := f[strings.Join(args, " ")]
	if err, failed := reply.(error); failed || !ok {
		return nil, errors.Join(err, errors.New("from a server with password "+password))
	}
	return reply, nil
}

func TestRedis(t *testing.T) {
	at := map[string]string{"address": "r:1", "listName": "l", "stream": "s", "consumerGroup": "g"}
	secret := map[string]string{"password": password}
	lag := map[string]string{"address": "r:1", "stream": "s", "consumerGroup": "g", "lagCount": "3"}
	group := []any{[]any{[]byte("name"), []byte("g"), "lag", int64(4)}}
	for name, c := range map[string]struct {
		made  trigger.Trigger
		redis fakeRedis
		want  float64
	}{
		"list":    {build(t, "redis", at, secret), fakeRedis{"TYPE l": "list", "LLEN l": int64(3)}, 3},
		"hash":    {build(t, "redis-cluster", at, secret), fakeRedis{"TYPE l": []byte("hash"), "HLEN l": "5"}, 5},
		"string":  {build(t, "redis", at, secret), fakeRedis{"TYPE l": "string"}, -1},
		"down":    {build(t, "redis", at, secret), fakeRedis{}, -1},
		"odd":     {build(t, "redis", at, secret), fakeRedis{"TYPE l": "list", "LLEN l": []any{}}, -1},
		"length":  {build(t, "redis-streams", map[string]string{"address": "r:1", "stream": "s"}, secret), fakeRedis{"XLEN s": int64(9)}, 9},
		"pending": {build(t, "redis-streams", at, secret), fakeRedis{"XPENDING s g": []any{int64(6), "1-0", "2-0", nil}}, 6},
		"lag":     {build(t, "redis-streams", lag, secret), fakeRedis{"INFO": "redis_version:7.0.15\r\n", "XINFO GROUPS s": group}, 4},
		"map":     {build(t, "redis-streams", lag, secret), fakeRedis{"INFO": "redis_version:7.0.15\r\n", "XINFO GROUPS s": []any{map[string]any{"name": "g", "lag": int64(8)}}}, 8},
		"nogroup": {build(t, "redis-streams", lag, secret), fakeRedis{"INFO": "redis_version:7.0.15\r\n", "XINFO GROUPS s": []any{}, "XLEN s": int64(12)}, 12},
		"nokey":   {build(t, "redis-streams", lag, secret), fakeRedis{"INFO": "redis_version:7.0.15\r\n", "XINFO GROUPS s": errors.New("ERR no such key")}, 0},
		"old":     {build(t, "redis-streams", lag, secret), fakeRedis{"INFO": "redis_version:6.2.1\r\n"}, -1},
	} {
		r, err := read(t, c.made, source.Options{Redis: c.redis})
		if c.want < 0 {
			if err == nil || strings.Contains(err.Error(), password) || !strings.HasPrefix(err.Error(), "triggers[4] (redis") {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || r.Value != c.want {
			t.Errorf("%s: %v %v", name, r, err)
		}
	}
}

// offsets is a cluster with one partition.
type offsets struct {
	committed, end int64
	err            error
}

func (o *offsets) Offsets(_ context.Context, group string, topics []string, earliest bool) ([]trigger.KafkaPartition, error) {
	return []trigger.KafkaPartition{{Topic: topics[0], Committed: &o.committed, End: &o.end}}, o.err
}

// TestKafkaForgets is S13: any error empties what the trigger remembers.
func TestKafkaForgets(t *testing.T) {
	cluster := &offsets{committed: 1, end: 6}
	made := build(t, "kafka", map[string]string{"bootstrapServers": "b", "consumerGroup": "g", "topic": "t", "excludePersistentLag": "true"}, nil)
	s, err := source.New(made, source.Options{Kafka: cluster})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{5, 0, -1, 5} {
		cluster.err = nil
		if want < 0 {
			cluster.err = errors.New("boom")
		}
		r, err := s.Read(context.Background(), now)
		if (err != nil) != (want < 0) || err == nil && r.Value != want {
			t.Errorf("reading %d: %v %v, want %v", i, r, err, want)
		}
	}
}

// objects is a cluster with one pod, one ConfigMap and one Secret.
type objects struct{}

func (objects) Pods(_ context.Context, namespace string, _ labels.Selector) ([]corev1.Pod, error) {
	return []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: map[string]string{"app": "x"}}}}, nil
}

func (objects) ConfigMap(context.Context, string, string) (*corev1.ConfigMap, error) {
	return &corev1.ConfigMap{Data: map[string]string{"k": "3"}}, nil
}

func (objects) Secret(context.Context, string, string) (*corev1.Secret, error) {
	return &corev1.Secret{Data: map[string][]byte{"k": []byte(password)}}, nil
}

func TestObjects(t *testing.T) {
	if r, err := read(t, build(t, "kubernetes-workload", map[string]string{"podSelector": "app=x", "value": "1"}, nil), source.Options{Objects: objects{}}); err != nil || r.Value != 1 {
		t.Errorf("%v %v", r, err)
	}
	resource := map[string]string{"resourceKind": "ConfigMap", "resourceName": "n", "key": "k", "targetValue": "1"}
	if r, err := read(t, build(t, "kubernetes-resource", resource, nil), source.Options{Objects: objects{}}); err != nil || r.Value != 3 {
		t.Errorf("%v %v", r, err)
	}
	resource["resourceKind"] = "Secret"
	if _, err := read(t, build(t, "kubernetes-resource", resource, nil), source.Options{Objects: objects{}}); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("a Secret without a number: %v", err)
	}
}

func TestNoSource(t *testing.T) {
	keys := map[string]string{"awsAccessKeyID": "k", "awsSecretAccessKey": "s"}
	for kind, metadata := range map[string]map[string]string{
		"aws-sqs-queue": {"queueURL": "q", "awsRegion": "r"}, "redis": {"address": "r:1", "listName": "l"}, "mysql": {"query": "q", "queryValue": "1"},
		"kafka": {"bootstrapServers": "b", "consumerGroup": "g"}, "rabbitmq": {"host": "amqp://h", "queueName": "q"}, "kubernetes-workload": {"podSelector": "a", "value": "1"},
	} {
		if _, err := source.New(build(t, kind, metadata, keys), source.Options{}); !errors.Is(err, source.ErrNoSource) || !strings.HasPrefix(err.Error(), "triggers[4]") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestDatabaseDown(t *testing.T) {
	sql.Register("broken", brokenDriver{})
	db, err := sql.Open("broken", "x")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	made := build(t, "mysql", map[string]string{"query": "q", "queryValue": "1"}, map[string]string{"connectionString": "u:" + password + "@tcp(h)/shop"})
	if _, err := read(t, made, source.Options{DB: db}); !errors.Is(err, source.ErrUnreachable) || strings.Contains(err.Error(), "tr0ub4dor") {
		t.Errorf("%v", err)
	}
}
