package sluice

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sluice-dlp/sluice/"

type layer struct {
	pkg string
	may []string
}

// layers says which of our packages each of our packages may import. A
// pattern ending in /... covers a tree. This is the table of ARCHITECTURE.md,
// and the whole of it: a package that is not listed fails.
var layers = []layer{
	{"store", nil},
	{"corpus/...", nil},
	{"detectors/checksum", nil},
	{"detectors/internal/...", nil},
	{"detectors/vectors", nil},
	{"scanner/unpack", nil},
	{"quarantine/seal", nil},
	{"notify", nil},
	{"secret", nil},
	{"internal/awsconf", nil},
	{"internal/wording", nil},
	{"detectors", []string{"detectors/checksum", "detectors/internal/...", "internal/wording"}},
	{"detectors/custom", []string{"detectors", "detectors/checksum", "detectors/internal/pattern", "internal/wording"}},
	{"scanner", []string{"detectors", "scanner/unpack"}},
	{"quarantine", []string{"store", "quarantine/seal"}},
	{"quarantine/policy", []string{"store", "secret", "notify", "quarantine", "internal/wording"}},
	{"quarantine/keys/keytest", []string{"quarantine/seal"}},
	{"quarantine/keys/awskms", []string{"quarantine/seal", "internal/awsconf"}},
	{"quarantine/keys/...", []string{"quarantine/seal"}},
	{"notify/internal/wire", []string{"notify"}},
	{"notify/notifytest", []string{"notify"}},
	{"notify/sns", []string{"notify", "internal/awsconf"}},
	{"notify/eventbridge", []string{"notify", "internal/awsconf"}},
	{"notify/channels", []string{"notify", "notify/...", "secret", "quarantine/policy", "internal/awsconf"}},
	{"notify/...", []string{"notify", "notify/internal/wire"}},
	{"secret/awssecrets", []string{"secret", "internal/awsconf"}},
	{"pipeline/ledger", []string{"store", "scanner", "quarantine", "notify"}},
	{"pipeline/export", []string{"pipeline/ledger", "scanner", "store", "quarantine"}},
	{"pipeline", []string{"store", "detectors", "scanner", "scanner/unpack", "quarantine", "quarantine/policy", "notify", "pipeline/ledger"}},
	{"store/storetest", []string{"store"}},
	{"store/s3", []string{"store", "internal/awsconf"}},
	{"store/dir", []string{"store"}},
	{"store/mem", []string{"store"}},
	{"cmd/sluice", []string{"..."}},
	{"bench/...", []string{"..."}},
}

// vendors are the modules of one vendor or one database: only the leaf
// packages named here may import them, so that nobody else inherits them.
var vendors = map[string][]string{
	"github.com/aws/":               {"internal/awsconf", "store/s3", "quarantine/keys/awskms", "notify/sns", "notify/eventbridge", "secret/awssecrets"},
	"github.com/tink-crypto/":       {"quarantine/seal", "quarantine/keys/local"},
	"github.com/miekg/pkcs11":       {"quarantine/keys/pkcs11"},
	"modernc.org/sqlite":            {"pipeline/ledger"},
	"github.com/BurntSushi/rure-go": {"detectors/internal/pattern", "bench/engine"},
	"go.yaml.in/yaml/":              {"detectors/custom", "quarantine/policy"},
	"github.com/spf13/cobra":        {"cmd/sluice"},
	"github.com/vbauerster/mpb":     {"cmd/sluice"},
	"github.com/prometheus/":        {"cmd/sluice"},
}

// TestLayers reads the import clauses of every Go file of the module, tests
// aside. It parses files rather than asking the go command, whose answer the
// test cache would not notice to have changed.
func TestLayers(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || p == "bench/lab") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		seen++
		checkFile(t, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no Go file was read")
	}
}

func checkFile(t *testing.T, p string) {
	pkg := path.Dir(p)
	i := slices.IndexFunc(layers, func(l layer) bool { return covers(l.pkg, pkg) })
	if i < 0 {
		t.Errorf("%s: package %s stands in no layer", p, pkg)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range f.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value)
		if ours, ok := strings.CutPrefix(imp, module); ok && !anyCovers(layers[i].may, ours) {
			t.Errorf("%s: %s may not import %s", p, pkg, ours)
		}
		for vendor, users := range vendors {
			if strings.HasPrefix(imp, vendor) && !slices.Contains(users, pkg) {
				t.Errorf("%s: only %s may import %s", p, strings.Join(users, ", "), imp)
			}
		}
	}
}

func anyCovers(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, pkg) })
}

func covers(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg+"/", tree)
	}
	return pattern == pkg
}
