// Package vpa answers the recorded questions about the Vertical Pod Autoscaler.
package vpa

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/scalemath/scalemath/internal/conformance"
)

// System lists the kinds of question.
func System() conformance.System {
	return conformance.System{Name: "vpa", Kinds: []conformance.Kind{
		{Name: "recommend", Answer: answerRecommend, Compare: conformance.Comparison{Adjust: adjustRecommend}},
		{Name: "update", Answer: answerUpdate, Compare: conformance.Comparison{Adjust: adjustUpdate}},
		{Name: "admit", Answer: answerAdmit},
	}}
}

// head is what every line begins with.
type head struct {
	Type string `json:"type"`
	Seed int64  `json:"seed"`
}

// decode reads a question of a kind; a question of another kind is refused.
func decode(line []byte, kind string, head *head, into any) error {
	if bytes.Equal(bytes.TrimSpace(line), []byte("null")) {
		return errors.New("null is no question")
	}
	if err := json.Unmarshal(line, into); err != nil {
		return err
	}
	if head.Type != "" && head.Type != kind {
		return fmt.Errorf("type: %q is not %q", head.Type, kind)
	}
	head.Type = kind
	return nil
}

// blank removes members that are not compared.
func blank(m map[string]any, names ...string) {
	for _, n := range names {
		delete(m, n)
	}
}
