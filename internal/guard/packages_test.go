package guard

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/scalemath/scalemath"

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Standard   bool
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func (p pkg) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// decision lists the packages that decide: pure, light, and unaware of each other. Those below them that do not reach
// out (a histogram, a pure trigger) obey the same rules by being listed.
var decision = []string{"hpa", "vpa", "keda", "proportional", "clusterautoscaler", "karpenter"}

// pure lists the packages that must not touch a clock, chance, a file, a network or a log.
var pure = append([]string{"vpa/histogram", "keda/trigger", "keda/formula", "binpack", "binpack/kube", "metrics", "metrics/kubelet", "cloudprovider", "internal/sim",
	"karpenter/aws", "karpenter/legacy", "karpenter/internal/document", "clusterautoscaler/aws"}, decision...)

// standardOnly lists the packages that import nothing but the standard library.
var standardOnly = []string{"binpack", "vpa/histogram"}

var list = sync.OnceValues(func() (map[string]pkg, error) {
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Standard,GoFiles,Imports,Deps", module+"/...").Output()
	if err != nil {
		return nil, err
	}
	all := map[string]pkg{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
	return all, nil
})

// own returns the module's packages by their path below the module.
func own(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := list()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	mine := map[string]pkg{}
	for path, p := range all {
		if path == module || strings.HasPrefix(path, module+"/") {
			mine[p.name()] = p
		}
	}
	if len(mine) == 0 {
		t.Fatal("go list found no package of the module")
	}
	return mine
}

func in(list []string, name string) bool {
	for _, e := range list {
		if e == name {
			return true
		}
	}
	return false
}

func below(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }
