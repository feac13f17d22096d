// Package conformance speaks the question-and-answer protocol in which the answers of the real upstream controllers
// were recorded: a question is one line of JSON, and so is its answer.
//
// A [System] is an autoscaler, a [Kind] one sort of question about it. The functions that answer live in one package a
// system below this one; [Serve] answers a stream of questions, and the replay package holds answers against the
// recorded ones.
package conformance

import (
	"fmt"
	"io"
)

// System is one autoscaler and the kinds of question it answers.
type System struct {
	// Name is the system's folder among the recorded vectors, such as "hpa".
	Name string
	// Kinds are the files of that folder, in the order of the folder's listing.
	Kinds []Kind
}

// Kind is one file of questions.
type Kind struct {
	// Name is the file's name without its endings, such as "scenario".
	Name string
	// Answer answers one line. An error means that the question itself makes no sense; a decision that ends in an error
	// is an answer.
	Answer func(question []byte) (Answer, error)
	// Compare says how an answer is held against the recorded one.
	Compare Comparison
}

// Answer is what a question got.
type Answer struct {
	// Line marshals to the answer's JSON line.
	Line any
	// Explain writes the decision as a person wants to read it; nil where there is nothing to say.
	Explain func(io.Writer) error
}

// Comparison says which parts of an answer must agree, and how.
//
// Everywhere, a member that is null, empty or the empty string equals an absent one, numbers with a fraction may differ
// by 1e-9 relative, and where upstream crashed an answer must hold an error. The fields add what differs by kind. A
// path names members from the top, joined by dots; lists and maps with free keys ("*") are walked through:
// "steps.replicas" is the member replicas of each element of steps.
type Comparison struct {
	// Fields are the paths that form the answer; none means the whole line.
	Fields []string
	// Present are paths of which only their being there is compared, such as the text of an error.
	Present []string
	// Sets are paths of lists whose order is free.
	Sets []string
	// Adjust has the last word before two answers are compared: it may blank what upstream leaves to chance. It sees
	// decoded JSON (numbers as json.Number) and may change want and got.
	Adjust func(question, want, got map[string]any)
}

// Find returns the kind of that name.
func (s System) Find(kind string) (Kind, error) {
	for _, k := range s.Kinds {
		if k.Name == kind {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("%s has no kind %q", s.Name, kind)
}
