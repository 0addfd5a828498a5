package proxy

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/statefile"
)

// adminKeyFile holds the control plane's key when the file gives none.
const adminKeyFile = "admin.key"

// minAdminKey is the least length of a key that is read from there, in bytes.
const minAdminKey = 16

// adminKey gives the key of the control plane: the configured one, else the one
// in the state directory, which is made on the first start.
func adminKey(cfg *configs.Config) (configs.Secret, error) {
	if !cfg.Admin.Key.IsZero() {
		return cfg.Admin.Key, nil
	}
	path := filepath.Join(cfg.State, adminKeyFile)
	key, err := readAdminKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	// Who finds that another process was faster takes the key of that one.
	if err := statefile.Create(path, []byte(rand.Text()+"\n")); err != nil && !errors.Is(err, fs.ErrExist) {
		return configs.Secret{}, fmt.Errorf("cannot keep admin key: %w", err)
	}
	return readAdminKey(path)
}

// AdminKey gives the key of the control plane that a Server of cfg has: the
// configured one, else the one that it has made at its first start.
func AdminKey(cfg *configs.Config) (configs.Secret, error) {
	if !cfg.Admin.Key.IsZero() {
		return cfg.Admin.Key, nil
	}
	return readAdminKey(filepath.Join(cfg.State, adminKeyFile))
}

func readAdminKey(path string) (configs.Secret, error) {
	text, err := os.ReadFile(path) //nolint:gosec // A path of the configuration.
	if err != nil {
		return configs.Secret{}, fmt.Errorf("cannot read admin key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if len(key) < minAdminKey {
		return configs.Secret{}, fmt.Errorf("cannot use admin key %q: it is shorter than %d characters", path, minAdminKey)
	}
	return configs.NewSecret(key), nil
}
