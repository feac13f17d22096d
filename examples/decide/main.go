// Command decide answers questions put to an autoscaler, one JSON line each, without a cluster:
//
//	decide [-explain] SYSTEM KIND < questions.jsonl > answers.jsonl
//	decide SYSTEM VERB [flags]
//
// The first form is the bridge to everything that is not Go: each question holds what the controller would have read,
// each answer what it would do. A line that makes no sense is answered by {"error": "..."}, the others are still
// answered, and the exit status is 1. With -explain each decision is also told in words on standard error.
//
// The second form is for people; run decide without arguments for the list.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/scalemath/scalemath/internal/conformance"
	"github.com/scalemath/scalemath/internal/conformance/systems"
)

// Exit statuses: some question made no sense, and the command line made none.
const (
	exitBad   = 1
	exitUsage = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// verb is a question a person asks with files instead of lines.
type verb struct {
	system, name, synopsis string
	run                    func(args []string, stdin io.Reader, stdout, stderr io.Writer) error
}

func verbs() []verb {
	return []verb{hpaExplain, kedaExplain}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("decide", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { usage(stderr) }
	explain := flags.Bool("explain", false, "tell each decision in words on standard error")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if flags.NArg() < 2 {
		usage(stderr)
		return exitUsage
	}
	system, name, rest := flags.Arg(0), flags.Arg(1), flags.Args()[2:]
	for _, v := range verbs() {
		if v.system == system && v.name == name {
			if err := v.run(rest, stdin, stdout, stderr); err != nil {
				fmt.Fprintln(stderr, "decide:", err)
				return exitBad
			}
			return 0
		}
	}
	kind, err := systems.Find(system, name)
	if err != nil {
		fmt.Fprintln(stderr, "decide:", err)
		usage(stderr)
		return exitUsage
	}
	// -explain may also stand behind the kind.
	if err := flags.Parse(rest); err != nil || flags.NArg() > 0 {
		usage(stderr)
		return exitUsage
	}
	words := io.Writer(nil)
	if *explain {
		words = stderr
	}
	bad, err := conformance.Serve(stdin, stdout, words, kind)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "decide:", err)
		return exitBad
	case bad > 0:
		fmt.Fprintf(stderr, "decide: %d questions made no sense\n", bad)
		return exitBad
	}
	return 0
}

func usage(w io.Writer) {
	fmt.Fprint(w, "usage: decide [-explain] SYSTEM KIND < questions.jsonl > answers.jsonl\n       decide SYSTEM VERB [flags]\n\nkinds:\n")
	for _, name := range systems.Names() {
		fmt.Fprintf(w, "  %s\n", name)
	}
	fmt.Fprint(w, "\nverbs:\n")
	for _, v := range verbs() {
		fmt.Fprintf(w, "  %s %s\n", v.system+" "+v.name, v.synopsis)
	}
}
