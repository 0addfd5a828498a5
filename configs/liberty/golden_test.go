package liberty_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/liberty"
)

var update = flag.Bool("update", false, "write what an import makes to testdata")

// sets are servers with what real ones have.
var sets = []string{"shop", "bank", "partner"}

// Each server of testdata becomes the egret.yaml beside it, and nothing that is
// secret there stands in what is made.
func TestGolden(t *testing.T) {
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			dir := filepath.Join("testdata", set)
			got, err := liberty.Import(filepath.Join(dir, "server.xml"), liberty.Disk{})
			if err != nil {
				t.Fatal(err)
			}
			text := string(got.YAML) + "\n# todo: " + strings.Join(got.Todo, "\n# todo: ") + "\n"
			golden := filepath.Join(dir, "want.yaml")
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text); diff != "" {
				t.Errorf("got another file (-want +got):\n%s", diff)
			}
			for _, secret := range secretsOf(t, dir) {
				if strings.Contains(text, secret) {
					t.Errorf("got the secret %s in:\n%s", secret, text)
				}
			}
		})
	}
}

// secretsOf gives what stands under the passwords and keys of a server, encoded
// or not, and what each set has in clear.
func secretsOf(t *testing.T, dir string) []string {
	t.Helper()
	secrets := []string{canary}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".xml" {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range secretAttribute.FindAllStringSubmatch(string(data), -1) {
			if value := strings.Trim(strings.TrimPrefix(m[0], m[1]), `"`); !strings.HasPrefix(value, "${") {
				secrets = append(secrets, value)
			}
		}
		return err
	})
	if err != nil || len(secrets) < 3 {
		t.Fatalf("got secrets %q, error %v, want those of %s", secrets, err, dir)
	}
	return secrets
}
