package karpenter

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/scalemath/scalemath/karpenter"
)

const recorded = "../../../../shared/conformance/karpenter/schedule.questions.jsonl.gz"

// TestCheapestOnRecordedQuestions adds up what the recorded questions cost by Karpenter's packing, by the cheapest, and
// by the bound, and holds each plan against upstream's.
func TestCheapestOnRecordedQuestions(t *testing.T) {
	f, err := os.Open(recorded)
	if err != nil {
		t.Skipf("the recorded questions are absent: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<26)
	questions, cheaper, nodes, rivals := 0, 0, 0, 0
	var upstream, cheapest, bound float64
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		s, o, err := q.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		before, err := karpenter.Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Packing = karpenter.Cheapest
		after, err := karpenter.Provision(s, o)
		if err != nil {
			t.Fatal(err)
		}
		if after.Price > before.Price || after.Bound > after.Price {
			t.Errorf("%s: $%v, upstream $%v, bound $%v", q.ID, after.Price, before.Price, after.Bound)
		}
		a, b := answerOf(q.ID, before), answerOf(q.ID, after)
		if x, y := text(a.Unschedulable), text(b.Unschedulable); x != y {
			t.Errorf("%s: without a place %s, upstream %s", q.ID, y, x)
		}
		if x, y := text(a.Existing), text(b.Existing); x != y {
			t.Errorf("%s: on nodes that exist %s, upstream %s", q.ID, y, x)
		}
		questions++
		if after.Price < before.Price {
			cheaper++
		}
		upstream, cheapest, bound = upstream+before.Price, cheapest+after.Price, bound+after.Bound
		nodes, rivals = nodes+len(before.Claims), rivals+len(after.Claims)
		if os.Getenv("EACH") != "" {
			t.Logf("%s: %.4f %.4f %.4f", q.ID, before.Price, after.Price, after.Bound)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d questions: upstream $%.3f/h on %d nodes, cheapest $%.3f/h on %d (%d plans cheaper), bound $%.3f/h",
		questions, upstream, nodes, cheapest, rivals, cheaper, bound)
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
