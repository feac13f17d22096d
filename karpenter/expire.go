package karpenter

import (
	"cmp"
	"slices"
	"time"
)

// Expiry is when a node is deleted for its age: without replacement before, and whatever the budgets say (rule 81).
type Expiry struct {
	Node    string    `json:"node"`             // its name
	At      time.Time `json:"at,omitzero"`      // its creation plus expireAfter; the zero time: never
	Expired bool      `json:"expired"`          // it is time
	Gone    bool      `json:"gone,omitempty"`   // it is marked for deletion already
	Reason  string    `json:"reason,omitempty"` // why it never expires
}

// String says it in one line.
func (e Expiry) String() string {
	switch {
	case e.At.IsZero():
		return e.Node + " does not expire: " + e.Reason
	case e.Gone:
		return e.Node + " is marked for deletion already"
	case e.Expired:
		return e.Node + " has expired at " + e.At.UTC().Format(time.RFC3339)
	}
	return e.Node + " expires at " + e.At.UTC().Format(time.RFC3339)
}

// Expire says when each node expires, the first to go first; those that never do come last. A node expires at its
// creation plus its claim's expireAfter, to the instant.
func Expire(s *Snapshot) []Expiry {
	if s == nil {
		return nil
	}
	out := make([]Expiry, 0, len(s.Nodes))
	for _, n := range s.Nodes {
		if n == nil || n.Object == nil {
			continue
		}
		out = append(out, n.Expiry(s.Now))
	}
	slices.SortStableFunc(out, func(a, b Expiry) int {
		if a.At.IsZero() != b.At.IsZero() {
			return cmp.Compare(bit(a.At.IsZero()), bit(b.At.IsZero()))
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Node, b.Node))
	})
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Expiry is when the node is deleted for its age.
func (n *Node) Expiry(now time.Time) Expiry {
	e := Expiry{Gone: n.Deleting}
	if n.Object != nil {
		e.Node = n.Object.Name
	}
	created := n.created()
	switch {
	case n.NodePool == "":
		e.Reason = "no NodePool manages it"
	case n.ExpireAfter.Never:
		e.Reason = "expireAfter is Never"
	case !n.ExpireAfter.Set:
		e.Reason = "expireAfter is not set"
	case created.IsZero():
		e.Reason = "its creation time is not known"
	default:
		e.At = created.Add(n.ExpireAfter.Duration)
		e.Expired = !now.Before(e.At)
	}
	return e
}
