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
)

// adminKeyFile holds the control plane's key when the file gives none.
const adminKeyFile = "admin.key"

// adminKey gives the key of the control plane: the configured one, else the one
// in the state directory, which is made on the first start.
func adminKey(cfg *configs.Config) (configs.Secret, error) {
	if !cfg.Admin.Key.IsZero() {
		return cfg.Admin.Key, nil
	}
	path := filepath.Join(cfg.State, adminKeyFile)
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		key := strings.TrimSpace(string(text))
		if len(key) < 16 {
			return configs.Secret{}, fmt.Errorf("cannot use admin key %q: it is shorter than 16 characters", path)
		}
		return configs.NewSecret(key), nil
	case !errors.Is(err, fs.ErrNotExist):
		return configs.Secret{}, fmt.Errorf("cannot read admin key: %w", err)
	}
	key := rand.Text()
	if err := writeNew(path, key+"\n"); err != nil {
		return configs.Secret{}, fmt.Errorf("cannot keep admin key: %w", err)
	}
	return configs.NewSecret(key), nil
}

// writeNew writes a file that only its owner may read. It appears whole or not
// at all, and never replaces one that another process made meanwhile.
func writeNew(path, text string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}
