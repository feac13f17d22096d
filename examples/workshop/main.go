// Command workshop replays a workshop on autoscaling in Kubernetes, held on EKS in 2023, without a cluster and without a
// network. Chapter by chapter it shows what each autoscaler saw, what it decided and why, and checks what comes
// of it:
//
//	go run ./examples/workshop
//	go run ./examples/workshop -chapter hpa
//	go run ./examples/workshop -o json | jq 'select(.kind == "check")'
//	go run ./examples/workshop -speed 600    # ten minutes of the story in a second
//
// The exit status is 1 where something comes out otherwise.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit statuses: some outcome differs, and the command line makes no sense.
const (
	exitDiffers = 1
	exitUsage   = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("workshop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("chapter", "", "tell one chapter: "+strings.Join(names(), ", "))
	output := flags.String("o", "text", "text, or json for one event a line")
	seed := flags.Uint64("seed", 1, "of all that is drawn; the same seed tells the same story")
	speed := flags.Float64("speed", 0, "tell it live, so many times faster than it happened; 0: at once")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	told := chapters()
	if *only != "" {
		c, ok := find(*only)
		if !ok {
			return usage(stderr, "there is no chapter %q; there are %s", *only, strings.Join(names(), ", "))
		}
		told = []Chapter{c}
	}
	var out listener
	switch {
	case flags.NArg() > 0:
		return usage(stderr, "unexpected argument %q", flags.Arg(0))
	case *output != "text" && *output != "json":
		return usage(stderr, "-o: %q is neither text nor json", *output)
	case !(*speed >= 0) || *speed > maxSpeed:
		return usage(stderr, "-speed: %v is not within 0 and %g", *speed, float64(maxSpeed))
	case *output == "json":
		out = newJSONWriter(stdout)
	default:
		out = newTextWriter(stdout)
	}
	if *speed > 0 {
		out = newLive(out, stderr, *speed)
	}
	return tell(told, *seed, out, stderr)
}

func usage(stderr io.Writer, format string, args ...any) int {
	fmt.Fprintf(stderr, "workshop: "+format+"\n", args...)
	return exitUsage
}

const foreword = "A workshop on autoscaling in EKS, held in 2023, told again without a cluster: what each autoscaler saw, what it " +
	"decided and why. What has to come out is held against what does, a line each."

// tell tells chapters and sums up what was checked.
func tell(chapters []Chapter, seed uint64, out listener, stderr io.Writer) int {
	teller := &Teller{Seed: seed, out: out}
	if len(chapters) > 1 {
		teller.Say(foreword)
	}
	for _, c := range chapters {
		teller.begin(c)
		if err := c.Tell(teller); err != nil {
			teller.flush()
			fmt.Fprintf(stderr, "workshop: chapter %s: %v\n", c.Name, err)
			return exitDiffers
		}
	}
	teller.end()
	switch {
	case teller.err != nil:
		fmt.Fprintln(stderr, "workshop:", teller.err)
		return exitDiffers
	case teller.differ > 0 || teller.checked == 0:
		return exitDiffers
	}
	return 0
}
