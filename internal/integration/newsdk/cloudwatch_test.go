// Package newsdk tests the CloudWatch trigger with the SDK's new protocol, RPC v2 over CBOR, against a small endpoint of
// our own: moto_server does not know it.
package newsdk

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	_ "github.com/aws/aws-sdk-go-v2/service/cloudwatch" // Its version is what this module is about.
	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/scalemath/scalemath/keda/trigger"
	"github.com/scalemath/scalemath/keda/trigger/aws"
)

// endpoint answers GetMetricData with these values, the latest first, and keeps the question.
func endpoint(t *testing.T, values ...float64) (*httptest.Server, *cbor.Map) {
	asked := &cbor.Map{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Smithy-Protocol") != "rpc-v2-cbor" || r.URL.Path != "/service/GraniteServiceVersion20100801/operation/GetMetricData" {
			t.Errorf("%s %s", r.URL, r.Header.Get("Smithy-Protocol"))
		}
		body, _ := io.ReadAll(r.Body)
		if v, err := cbor.Decode(body); err != nil {
			t.Error(err)
		} else if m, ok := v.(cbor.Map); ok {
			*asked = m
		}
		list := cbor.List{}
		for _, v := range values {
			list = append(list, cbor.Float64(v))
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		w.Write(cbor.Encode(cbor.Map{"MetricDataResults": cbor.List{cbor.Map{"Id": cbor.String("c1"), "Values": list}}}))
	}))
	t.Cleanup(server.Close)
	return server, asked
}

func TestCloudWatch(t *testing.T) {
	for want, values := range map[float64][]float64{7: {7, 3}, 1: nil} {
		server, asked := endpoint(t, values...)
		made, err := trigger.New(trigger.Config{Type: "aws-cloudwatch", Metadata: map[string]string{
			"awsRegion": "eu-west-1", "awsEndpoint": server.URL, "namespace": "Shop", "metricName": "Waiting", "dimensionName": "Queue", "dimensionValue": "mail",
			"targetMetricValue": "5", "minMetricValue": "1",
		}, AuthParams: map[string]string{"awsAccessKeyID": "k", "awsSecretAccessKey": "s"}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := aws.New(made, aws.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(context.Background(), time.Date(2026, 1, 1, 0, 7, 0, 0, time.UTC))
		if err != nil || r.Value != want {
			t.Errorf("%v: %v %v", values, r, err)
		}
		if (*asked)["ScanBy"] != cbor.String("TimestampDescending") {
			t.Errorf("asked %v", *asked)
		}
	}
}
