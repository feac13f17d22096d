package guard

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// longestFile is where a file has more than one concern.
const longestFile = 500

// sourceFile is a parsed file of a package, tests left out.
type sourceFile struct {
	path    string
	lines   int
	fileSet *token.FileSet
	syntax  *ast.File
}

func (f sourceFile) at(n ast.Node) string {
	return filepath.Base(f.path) + ":" + strconv.Itoa(f.fileSet.Position(n.Pos()).Line)
}

func source(t *testing.T, p pkg) []sourceFile {
	t.Helper()
	var files []sourceFile
	for _, name := range p.GoFiles {
		path := filepath.Join(p.Dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, sourceFile{path, strings.Count(string(text), "\n"), set, syntax})
	}
	return files
}

func TestPurePackagesReadNoClock(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}
	for name, p := range own(t) {
		if !in(pure, name) {
			continue
		}
		for _, f := range source(t, p) {
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				if _, ok := n.(*ast.GoStmt); ok {
					t.Errorf("%s %s starts a goroutine", name, f.at(n))
				}
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && (x.Name == "time" && in(clock, s.Sel.Name) || x.Name == "metav1" && s.Sel.Name == "Now") {
						t.Errorf("%s %s reads a clock: %s.%s", name, f.at(n), x.Name, s.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for name, p := range own(t) {
		if below(name, "internal") || below(name, "examples") {
			continue
		}
		documented := false
		for _, f := range source(t, p) {
			documented = documented || f.syntax.Doc != nil
			for _, d := range f.syntax.Decls {
				for _, missing := range undocumented(d) {
					t.Errorf("%s %s: %s has no doc comment", name, f.at(missing), missing.Name)
				}
			}
		}
		if !documented {
			t.Errorf("package %s has no doc comment", name)
		}
	}
}

// undocumented returns the exported names of a declaration, struct fields and interface methods included, that nobody
// explained. A comment on a group of constants or variables, or behind the name, counts.
func undocumented(d ast.Decl) []*ast.Ident {
	var out []*ast.Ident
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			out = append(out, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if !s.Name.IsExported() {
					continue
				}
				if s.Doc == nil && d.Doc == nil {
					out = append(out, s.Name)
				}
				out = append(out, undocumentedFields(s.Type)...)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
						out = append(out, n)
					}
				}
			}
		}
	}
	return out
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	receiver := d.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && name.IsExported()
}

func undocumentedFields(e ast.Expr) []*ast.Ident {
	var fields *ast.FieldList
	switch e := e.(type) {
	case *ast.StructType:
		fields = e.Fields
	case *ast.InterfaceType:
		fields = e.Methods
	default:
		return nil
	}
	var out []*ast.Ident
	for _, f := range fields.List {
		for _, n := range f.Names {
			if n.IsExported() && f.Doc == nil && f.Comment == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

func TestFilesHaveOneConcern(t *testing.T) {
	for name, p := range own(t) {
		for _, f := range source(t, p) {
			if f.lines > longestFile {
				t.Errorf("%s/%s has %d lines; split it by concern (at most %d)", name, filepath.Base(f.path), f.lines, longestFile)
			}
		}
	}
}

func TestDirectDependenciesHaveAReason(t *testing.T) {
	reasons := map[string]bool{}
	for _, line := range readLines(t, "dependencies.txt") {
		if name, reason, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "#") && strings.TrimSpace(reason) != "" {
			reasons[name] = false
		}
	}
	for _, line := range readLines(t, "../../go.mod") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 || !strings.Contains(fields[0], ".") || !strings.HasPrefix(fields[1], "v") || strings.HasSuffix(line, "// indirect") {
			continue
		}
		if _, ok := reasons[fields[0]]; !ok {
			t.Errorf("go.mod requires %s; say why in internal/guard/dependencies.txt", fields[0])
		}
		reasons[fields[0]] = true
	}
	for name, used := range reasons {
		if !used {
			t.Errorf("dependencies.txt gives a reason for %s, which go.mod does not require directly", name)
		}
	}
}

func readLines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}
