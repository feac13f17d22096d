// Package replay reads recorded questions with upstream's answers and holds our answers against them.
package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
)

// Vectors is a folder of recorded questions and answers of one system.
type Vectors struct {
	// Dir is the folder.
	Dir string
	// Complete tells whether this is the whole record or the subset that comes with the source.
	Complete bool
}

// Locate finds the vectors of a system: the whole record beside the checkout where there is one, else the subset in the
// source tree.
func Locate(system string) (Vectors, error) {
	root, err := moduleRoot()
	if err != nil {
		return Vectors{}, err
	}
	for _, v := range []Vectors{
		{filepath.Join(root, "..", "shared", "conformance", system), true},
		{filepath.Join(root, "internal", "conformance", "testdata", system), false},
	} {
		if info, err := os.Stat(v.Dir); err == nil && info.IsDir() {
			return v, nil
		}
	}
	return Vectors{}, fmt.Errorf("no vectors of %s: neither ../shared/conformance/%[1]s nor internal/conformance/testdata/%[1]s is there", system)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// Case is one recorded question and the answer upstream gave. Where both stand on one line, both are that line.
type Case struct {
	// Question and Answer are lines of JSON.
	Question, Answer []byte
}

// Cases yields the cases of a kind in file order.
func (v Vectors) Cases(kind string) iter.Seq2[Case, error] {
	return func(yield func(Case, error) bool) {
		base := filepath.Join(v.Dir, kind)
		together := base + ".jsonl.gz"
		if _, err := os.Stat(together); err == nil {
			for line, err := range lines(together) {
				if !yield(Case{line, line}, err) || err != nil {
					return
				}
			}
			return
		}
		next, stop := iter.Pull2(lines(base + ".answers.jsonl.gz"))
		defer stop()
		for question, err := range lines(base + ".questions.jsonl.gz") {
			answer, answerErr, ok := next()
			if err = errors.Join(err, answerErr); err == nil && !ok {
				err = fmt.Errorf("%s: fewer answers than questions", base)
			}
			if !yield(Case{question, answer}, err) || err != nil {
				return
			}
		}
	}
}

func lines(file string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := os.Open(file)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			yield(nil, fmt.Errorf("%s: %w", file, err))
			return
		}
		in := bufio.NewReaderSize(z, 1<<16)
		for {
			line, err := in.ReadBytes('\n')
			if line = bytes.TrimSpace(line); len(line) > 0 && !yield(line, nil) {
				return
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", file, err))
				return
			}
		}
	}
}
