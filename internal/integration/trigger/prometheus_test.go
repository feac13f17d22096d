package trigger

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scalemath/scalemath/internal/integration/server"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

func TestPrometheus(t *testing.T) {
	program := server.Program(t, "prometheus")
	const exposition = "# TYPE waiting gauge\nwaiting{queue=\"mail\"} 12\nwaiting{queue=\"print\"} 3\n"
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, exposition) }))
	defer target.Close()
	dir, port := server.Dir(t, nil), server.Port(t)
	config := fmt.Sprintf("scrape_configs:\n- job_name: queues\n  scrape_interval: 500ms\n  scrape_timeout: 400ms\n  static_configs:\n  - targets: [%q]\n",
		strings.TrimPrefix(target.URL, "http://"))
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	server.Start(t, server.Command{Path: program, Dir: dir, Args: []string{
		"--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=" + strings.TrimPrefix(address, "http://"),
	}}, 20*time.Second, func() error {
		r, err := http.Get(address + "/-/ready")
		if err == nil {
			r.Body.Close()
			if r.StatusCode != http.StatusOK {
				err = fmt.Errorf("status %d", r.StatusCode)
			}
		}
		return err
	})
	query := func(q string, more ...string) map[string]string {
		m := map[string]string{"serverAddress": address, "query": q, "threshold": "5"}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	ask := func(m map[string]string) func(what string, value float64, active bool) {
		return func(what string, value float64, active bool) {
			t.Helper()
			gives(t, what, sourceOf(t, build(t, "prometheus", m, nil), source.Options{}), value, active)
		}
	}
	ask(query("vector(42)"))("a vector", 42, true)
	ask(query("vector(42)", "activationThreshold", "42"))("exactly the activation value", 42, false)
	ask(query("nothing_of_that_name"))("no result", 0, false)
	ask(query("vector(1)/0"))("infinity", 0, false)
	for what, m := range map[string]map[string]string{
		"no result, strictly": query("nothing_of_that_name", "ignoreNullValues", "false"), "a scalar": query("42"), "no PromQL": query("sum("),
		"two results": query(`vector(1) or label_replace(vector(2), "a", "b", "", "")`), "NaN, strictly": query("vector(0)/0", "ignoreNullValues", "false"),
	} {
		fails(t, what, sourceOf(t, build(t, "prometheus", m, nil), source.Options{}))
	}
	// The first scrape comes some seconds after the start, whatever its interval.
	comesTo(t, "a scraped sum", sourceOf(t, build(t, "prometheus", query("sum(waiting)"), nil), source.Options{}), 15)

	// The same exposition, and the server's own answer, through metrics-api.
	api := func(url, format, location string) map[string]string {
		return map[string]string{"url": url, "format": format, "valueLocation": location, "targetValue": "5"}
	}
	gives(t, "exposition", sourceOf(t, build(t, "metrics-api", api(target.URL, "prometheus", `waiting{queue="print"}`), nil), source.Options{}), 3, true)
	gives(t, "JSON", sourceOf(t, build(t, "metrics-api", api(address+"/api/v1/query?query=sum(waiting)", "json", "data.result.0.value.1"), nil), source.Options{}), 15, true)
	gives(t, "its own metrics", sourceOf(t, build(t, "metrics-api", api(address+"/metrics", "prometheus", "prometheus_build_info"), nil), source.Options{}), 1, true)
}
