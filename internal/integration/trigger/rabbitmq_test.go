package trigger

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

// rabbit sends a request to the management API.
func rabbit(t testing.TB, method, url, body string) {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("guest", "guest")
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); r.StatusCode > 299 {
		t.Fatalf("%s %s: status %d: %s", method, url, r.StatusCode, text)
	}
}

func TestRabbitMQ(t *testing.T) {
	program := server.Program(t, "rabbitmq-server", "/usr/lib/rabbitmq/bin")
	epmd := server.Program(t, "epmd")
	dir := server.Dir(t, nil)
	amqp, web, names, nodes := server.Port(t), server.Port(t), server.Port(t), server.Port(t)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write("rabbitmq.conf", fmt.Sprintf("listeners.tcp.1 = 127.0.0.1:%d\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %d\ncollect_statistics_interval = 500\n", amqp, web))
	plugins := write("enabled_plugins", "[rabbitmq_management].\n")
	environment := []string{
		"HOME=" + dir, fmt.Sprint("ERL_EPMD_PORT=", names), "ERL_EPMD_ADDRESS=127.0.0.1", fmt.Sprint("RABBITMQ_DIST_PORT=", nodes),
		fmt.Sprintf("RABBITMQ_NODENAME=scalemath%d@localhost", amqp), "RABBITMQ_CONFIG_FILE=" + config, "RABBITMQ_ENABLED_PLUGINS_FILE=" + plugins,
		"RABBITMQ_MNESIA_BASE=" + dir + "/mnesia", "RABBITMQ_LOG_BASE=" + dir + "/log", "RABBITMQ_CONF_ENV_FILE=" + write("env", ""),
	}
	// The register of Erlang's nodes is our own too, so that none is left behind.
	server.Start(t, server.Command{Path: epmd, Args: []string{"-port", fmt.Sprint(names), "-address", "127.0.0.1"}, Dir: dir}, 10*time.Second, server.Listens(names))
	api := fmt.Sprintf("http://127.0.0.1:%d/api", web)
	server.Start(t, server.Command{Path: program, Dir: dir, Env: environment}, 90*time.Second, func() error {
		r, err := http.Get(api)
		if err == nil {
			r.Body.Close()
		}
		return err
	})
	for queue, messages := range map[string]int{"mail.in": 5, "mail.out": 2, "other": 1} {
		rabbit(t, http.MethodPut, api+"/queues/%2F/"+queue, "{}")
		for range messages {
			rabbit(t, http.MethodPost, api+"/exchanges/%2F/amq.default/publish", fmt.Sprintf(`{"routing_key":%q,"payload":"x","payload_encoding":"string","properties":{}}`, queue))
		}
	}
	host := fmt.Sprintf("http://guest:guest@127.0.0.1:%d", web)
	words := func(queue string, more ...string) map[string]string {
		m := map[string]string{"host": host, "queueName": queue, "mode": "QueueLength", "value": "5"}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	// Counts appear once the statistics have been collected.
	comesTo(t, "one queue", sourceOf(t, build(t, "rabbitmq", words("mail.in"), nil), source.Options{}), 5)
	comesTo(t, "ready alone", sourceOf(t, build(t, "rabbitmq", words("mail.in", "excludeUnacknowledged", "true"), nil), source.Options{}), 5)
	comesTo(t, "sum", sourceOf(t, build(t, "rabbitmq", words("^mail", "useRegex", "true"), nil), source.Options{}), 7)
	comesTo(t, "average", sourceOf(t, build(t, "rabbitmq", words("^mail", "useRegex", "true", "operation", "avg"), nil), source.Options{}), 3)
	comesTo(t, "maximum", sourceOf(t, build(t, "rabbitmq", words("^mail", "useRegex", "true", "operation", "max"), nil), source.Options{}), 5)
	gives(t, "no match", sourceOf(t, build(t, "rabbitmq", words("^nothing", "useRegex", "true"), nil), source.Options{}), 0, false)
	fails(t, "no such queue", sourceOf(t, build(t, "rabbitmq", words("nothing"), nil), source.Options{}))
	fails(t, "another virtual host", sourceOf(t, build(t, "rabbitmq", words("mail.in", "vhostName", "other"), nil), source.Options{}))

	// User and password from the authentication instead of the URL.
	apart := words("mail.out")
	apart["host"] = fmt.Sprintf("http://127.0.0.1:%d/", web)
	gives(t, "a user apart", sourceOf(t, build(t, "rabbitmq", apart, map[string]string{"username": "guest", "password": "guest"}), source.Options{}), 2, true)
	fails(t, "a wrong password", sourceOf(t, build(t, "rabbitmq", apart, map[string]string{"username": "guest", "password": "wrong"}), source.Options{}))
}
