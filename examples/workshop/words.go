package main

import (
	"fmt"
	"io"
)

// lines writes texts, a line each.
func lines(texts ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, text := range texts {
			if _, err := fmt.Fprintln(w, text); err != nil {
				return err
			}
		}
		return nil
	}
}

// count writes a number of things: 1 node, 2 nodes.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
