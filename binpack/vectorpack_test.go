package binpack_test

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/scalemath/scalemath/binpack"
)

const vectorpack = "../../shared/data/vectorpack/"

// instances reads the published instances: dimensions, capacities, number of items, then one item a line.
func instances(t testing.TB) map[string]binpack.Problem {
	f, err := os.Open(vectorpack + "Panigrahy_instances.tar.gz")
	if err != nil {
		t.Skipf("the Vectorpack instances are absent: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]binpack.Problem{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, ".vbp") {
			continue
		}
		p, err := parseInstance(r)
		if err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		out[strings.TrimSuffix(path.Base(h.Name), ".vbp")] = p
	}
}

func parseInstance(r io.Reader) (binpack.Problem, error) {
	var numbers []int64
	words := bufio.NewScanner(r)
	words.Split(bufio.ScanWords)
	for words.Scan() {
		n, err := strconv.ParseInt(words.Text(), 10, 64)
		if err != nil {
			return binpack.Problem{}, err
		}
		numbers = append(numbers, n)
	}
	d := int(numbers[0])
	p := binpack.Problem{Bins: []binpack.BinType{{Capacity: numbers[1 : d+1], Price: 1}}}
	for rest := numbers[d+2:]; len(rest) > 0; rest = rest[d+1:] {
		p.Items = append(p.Items, binpack.Item{Size: rest[:d], Count: int(rest[d])})
	}
	return p, nil
}

// Per class: our plan (best rule) against our bound, the published bound and the best of the published heuristics. A plan
// below a published bound, or a bound of ours above a published optimum, would be wrong. Every eighth instance is packed;
// with VECTORPACK=all in the environment, every one.
func TestPublishedInstances(t *testing.T) {
	problems := instances(t)
	f, err := os.Open(vectorpack + "Panigrahy_summary_known.csv")
	if err != nil {
		t.Skipf("the Vectorpack summary is absent: %v", err)
	}
	defer f.Close()
	table := csv.NewReader(f)
	table.Comma = '\t'
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type sums struct{ n, ours, bound, published, best, better, equal int }
	classes := map[string]*sums{"all": {}}
	var packer binpack.Packer
	var plan binpack.Plan
	step := 8
	if os.Getenv("VECTORPACK") == "all" {
		step = 1
	}
	for i := 1; i < len(rows); i += step {
		row := rows[i]
		p, ok := problems[row[0]]
		if !ok {
			t.Fatalf("no instance %s", row[0])
		}
		lb, _ := strconv.Atoi(row[1])
		optimum, known := 0, false
		if n, err := strconv.Atoi(row[2]); err == nil && n >= 0 { // -1: nobody knows
			optimum, known = n, true
		}
		best, err := strconv.Atoi(row[3])
		if err != nil {
			t.Fatal(err)
		}
		if err := packer.Pack(&p, binpack.Options{}, &plan); err != nil {
			t.Fatal(err)
		}
		if err := binpack.Verify(&p, &plan); err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		bound, err := binpack.LowerBound(p)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Opened < lb || bound.Bins > plan.Opened || known && bound.Bins > optimum || bound.Bins > best {
			t.Errorf("%s: %d bins, our bound %d, published bound %d, optimum %s, best %d", row[0], plan.Opened, bound.Bins, lb, row[2], best)
		}
		name, _, _ := strings.Cut(row[0], "_")
		if classes[name] == nil {
			classes[name] = &sums{}
		}
		for _, s := range []*sums{classes[name], classes["all"]} {
			s.n++
			s.ours += plan.Opened
			s.bound += bound.Bins
			s.published += lb
			s.best += best
			if plan.Opened < best {
				s.better++
			} else if plan.Opened == best {
				s.equal++
			}
		}
	}
	var names []string
	for name := range classes {
		names = append(names, name)
	}
	sort.Strings(names)
	text := "bins in all\nclass    instances   ours  our bound  published bound  published best  ours/best  better  equal"
	for _, name := range names {
		s := classes[name]
		text += fmt.Sprintf("\n%-8s %9d %6d %10d %16d %15d %10.4f %7d %6d", name, s.n, s.ours, s.bound, s.published, s.best, float64(s.ours)/float64(s.best), s.better, s.equal)
		// What is reached today must not get lost: two hundredths above the best of the published heuristics.
		if float64(s.ours) > 1.02*float64(s.best) {
			t.Errorf("%s: %d bins, the best of the published heuristics needs %d", name, s.ours, s.best)
		}
	}
	t.Log(text)
}
