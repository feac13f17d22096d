package source_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/source"
)

func ExampleNew() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"queue":{"waiting":42}}`)
	}))
	defer server.Close()

	t, err := trigger.New(trigger.Config{Type: "metrics-api", Metadata: map[string]string{
		"url": server.URL, "valueLocation": "queue.waiting", "targetValue": "10",
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := source.New(t, source.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	reading, err := s.Read(context.Background(), time.Now())
	fmt.Println(reading, err)
	// Output:
	// s0-metric-api-queue-waiting: 42 of 10 a replica, active <nil>
}
