// Package trigger turns what an event source says into what KEDA makes of it: a value, whether the trigger is active, and
// the target that a HorizontalPodAutoscaler holds the value against.
//
// A trigger is built once from the words of a ScaledObject and then read as often as wanted. Nothing here reaches out: a
// trigger over HTTP decides from a status and a body, a schedule from an instant, a queue from its attributes. The packages
// source and aws below this one fetch.
//
//	t, err := trigger.New(trigger.Config{
//		Type:     "prometheus",
//		Metadata: map[string]string{"serverAddress": "http://prometheus", "query": "sum(rate(requests[1m]))", "threshold": "100"},
//	})
//	if err != nil {
//		return err // names the trigger and the field
//	}
//	reading, err := t.(*trigger.Prometheus).Read(200, body)
//	fmt.Println(reading.Metric, reading.Quantity(), reading.Active)
//
// Every type of trigger is one struct in one file: its parameters, its metric name and target, and a Read method that takes
// what its source gives. [New] knows all of them; a [Registry] knows the caller's own as well.
package trigger
