package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Serve answers each line of questions with one line on answers, in order and one at a time, so that memory does not
// grow with the stream. Blank lines are skipped. A question that makes no sense is answered by {"error": "..."}; bad
// counts those. Explanations go to explain unless it is nil. The error is that of reading or writing.
func Serve(questions io.Reader, answers, explain io.Writer, kind Kind) (bad int, err error) {
	in := bufio.NewReaderSize(questions, 1<<16)
	out := bufio.NewWriter(answers)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, readErr := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			answer, err := safely(kind, line)
			if err == nil {
				// Marshalling first keeps a value that has no JSON form (NaN) from leaving half a line.
				var text []byte
				if text, err = encode(answer.Line); err == nil {
					if _, err := out.Write(text); err != nil {
						return bad, err
					}
					if explain != nil && answer.Explain != nil {
						if err := answer.Explain(explain); err != nil {
							return bad, err
						}
					}
				}
			}
			if err != nil {
				bad++
				if err := enc.Encode(map[string]string{"error": fmt.Sprintf("line %d: %v", n, err)}); err != nil {
					return bad, err
				}
			}
		}
		if readErr != nil {
			if !errors.Is(readErr, io.EOF) {
				return bad, errors.Join(readErr, out.Flush())
			}
			return bad, out.Flush()
		}
		// A reader at the other end of a pipe sees each answer when its question is answered, not when a buffer is full.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return bad, err
			}
		}
	}
}

// absurd finds a quantity whose exponent has five digits or more. The Kubernetes library would work for minutes on it.
var absurd = regexp.MustCompile(`"[+-]?[0-9.]+[eE][+-]?0*[1-9][0-9]{4,}"`)

// safely keeps one question from ending the stream: the process boundary is where a defect of ours becomes an error.
func safely(kind Kind, line []byte) (answer Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: %v", r)
		}
	}()
	if q := absurd.Find(line); q != nil {
		return Answer{}, fmt.Errorf("quantity %s is out of reach", q)
	}
	return kind.Answer(line)
}

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
