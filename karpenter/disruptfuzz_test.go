package karpenter

import (
	"io"
	"math"
	"math/rand"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FuzzDisrupt spoils random clusters in ways that the API allows for and asks everything about them.
func FuzzDisrupt(f *testing.F) {
	f.Add(int64(1), uint16(0), "true", "1", int64(0))
	f.Add(int64(7), uint16(0xffff), "5m", "-2147483647", int64(math.MaxInt64))
	f.Add(int64(42), uint16(0x5555), "soon", "1e400", int64(-1))
	f.Fuzz(func(t *testing.T, seed int64, spoil uint16, guard, cost string, nanos int64) {
		s := (world{rand.New(rand.NewSource(seed))}).snapshot(2, 5)
		at := s.Now.Add(time.Duration(nanos))
		on := func(bit int) bool { return spoil>>bit&1 != 0 }
		for i, n := range s.Nodes {
			if !on(i) {
				continue
			}
			n.Deleting, n.Disrupting, n.Uninitialized = on(5), on(6), on(7)
			n.LastPodEvent, n.NominatedUntil, n.Drifted = at, at, at
			n.ExpireAfter = NillableDuration{Set: on(8), Duration: time.Duration(nanos)}
			if on(9) {
				n.Object.Labels, n.Object.Status = nil, corev1.NodeStatus{}
			}
			if on(10) {
				d := time.Duration(nanos)
				n.TerminationGracePeriod = &d
			}
			for _, p := range n.Pods {
				p.Annotations = map[string]string{AnnotationDoNotDisrupt: guard, corev1.PodDeletionCost: cost}
				p.Spec.TerminationGracePeriodSeconds = &nanos
				if on(11) {
					stamp := metav1.NewTime(at)
					p.DeletionTimestamp, p.Status.StartTime = &stamp, &stamp
				}
			}
		}
		for _, p := range s.NodePools {
			if on(12) {
				p.Spec.Disruption.ConsolidationPolicy = Balanced
			}
			if on(13) {
				p.Spec.Replicas = &nanos
			}
		}
		o := Options{SpotToSpot: on(14), ExplainRound: true, MaxSingle: 3}
		if on(15) {
			o.Thrift = Thrift{MostReplacements: 3, PodMoveCost: 0.001, MinLifetime: time.Hour}
			o.Profile = Until1_13()
		}
		d, err := NewDisruptor(s, o)
		if err != nil {
			return
		}
		round := d.Disrupt(nil)
		for _, c := range round.Commands {
			if err := c.Explain(io.Discard); err != nil || math.IsNaN(c.Savings) {
				t.Fatal(c, err)
			}
			if v := d.Validate(c); !v.Valid {
				t.Fatal(v)
			}
		}
		for _, n := range s.Nodes {
			why, err := d.Why(n.Object.Name)
			if err != nil || why.Explain(io.Discard) != nil || why.String() == "" {
				t.Fatal(why, err)
			}
			if r, err := d.WhatIf(n.Object.Name); err == nil && r.Explain(io.Discard) != nil {
				t.Fatal(r)
			}
			if drain := Terminate(n, at, at, s.Now); drain.Done && drain.Waiting > 0 {
				t.Fatal(drain)
			}
		}
		Expire(s)
		Repair(s, AWSRepairPolicies())
	})
}

func FuzzParseInterruption(f *testing.F) {
	f.Add([]byte(`{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","detail":{"instance-id":"i-1","state":"stopped"}}`))
	f.Add([]byte(`{"source":"aws.health","detail-type":"AWS Health Event","detail":{"service":"EC2","eventTypeCategory":"scheduledChange"}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := ParseInterruption(body)
		if err == nil && m.Kind == "" || err != nil && m.Kind != "" {
			t.Fatal(m, err)
		}
		if a := Interrupt(m.Kind); a.Force && !a.Delete || a.String() == "" {
			t.Fatal(a)
		}
	})
}

func FuzzUnavailable(f *testing.F) {
	f.Add("m5.large", "a", "spot", int64(time.Minute), int64(0))
	f.Add("", "", "", int64(-5), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, name, zone, capacity string, ttl, later int64) {
		u := Unavailable{}.Fail(name, zone, capacity, noon, time.Duration(ttl)).Fail(name, zone, capacity, noon, time.Duration(ttl))
		if len(u.Offerings) != 1 || !u.Has(name, zone, capacity, noon) {
			t.Fatal(u)
		}
		now := noon.Add(time.Duration(later))
		if got := u.Expire(now); (len(got.Offerings) == 1) != u.Has(name, zone, capacity, now) {
			t.Fatal(got)
		}
		u.Mark(shop(1), now)
	})
}
