package tokens

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs/statefile"
)

// A ringStore keeps the files of one [Keyring], in a directory of their own. Each
// change is a new file, whose name is a number: 1.json, 2.json and so on. A file
// appears whole or not at all, and never replaces another one, so that of two
// processes only one can make a change. The last one counts, and those before it
// are removed.
type ringStore struct {
	dir  string // of all rings; "" keeps nothing
	name RingName
}

// path is the directory.
func (s ringStore) path() string {
	kind := s.name.Algorithm
	if s.name.Size != 0 {
		kind += "-" + strconv.Itoa(s.name.Size)
	}
	return filepath.Join(s.dir, s.name.TokenID+"."+kind)
}

func (s ringStore) file(version int) string {
	return filepath.Join(s.path(), strconv.Itoa(version)+".json")
}

// versions lists the files that there are, oldest first.
func (s ringStore) versions() ([]int, error) {
	entries, err := os.ReadDir(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read signing keys: %w", err)
	}
	var list []int
	for _, e := range entries {
		number, found := strings.CutSuffix(e.Name(), ".json")
		if version, err := strconv.Atoi(number); found && err == nil && version > 0 && strconv.Itoa(version) == number {
			list = append(list, version)
		}
	}
	slices.Sort(list)
	return list, nil
}

// readAgain is how often a file may be removed between the moments in which it
// is found and opened.
const readAgain = 10

// read gives the last file, or nil when none comes behind the version that is
// known already.
func (s ringStore) read(known int) (*ringDoc, error) {
	if s.dir == "" {
		return nil, nil
	}
	for range readAgain {
		list, err := s.versions()
		if err != nil || len(list) == 0 || list[len(list)-1] <= known {
			return nil, err
		}
		doc, err := s.readVersion(list[len(list)-1])
		if !errors.Is(err, fs.ErrNotExist) {
			return doc, err
		}
	}
	return nil, fmt.Errorf("cannot read signing keys in %q: they change all the time", s.path())
}

func (s ringStore) readVersion(version int) (*ringDoc, error) {
	file := s.file(version)
	text, err := os.ReadFile(file) //nolint:gosec // In the state directory of the configuration.
	if err != nil {
		return nil, fmt.Errorf("cannot read signing keys: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read signing keys: %w", err)
	}
	doc, err := decodeRing(s.name, text)
	if err != nil {
		return nil, fmt.Errorf("cannot use signing keys %q: %w", file, err)
	}
	doc.version, doc.open = version, runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
	return doc, nil
}

// write makes the file of doc.version; now is when its times are told. The error
// is fs.ErrExist when another process has made it, or has gone further: it has
// removed the file of that version then.
func (s ringStore) write(doc *ringDoc, now time.Time) error {
	if s.dir == "" {
		return nil
	}
	text, err := doc.encode(s.name, now)
	if err == nil {
		err = statefile.Create(s.file(doc.version), text)
	}
	if err == nil {
		err = s.settle(doc.version)
	}
	if err != nil {
		return fmt.Errorf("cannot keep signing keys: %w", err)
	}
	return nil
}

// settle makes version, whose file is there, the only one. It takes the file
// back when a later one is there.
func (s ringStore) settle(version int) error {
	list, err := s.versions()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(v int) bool { return v > version }) {
		return errors.Join(fs.ErrExist, os.Remove(s.file(version)))
	}
	for _, v := range list {
		if v < version {
			_ = os.Remove(s.file(v)) // or the next time
		}
	}
	s.sweep()
	return nil
}

// abandoned is the age at which a file is nobody's that was never finished.
const abandoned = time.Hour

// sweep removes what processes have left that were killed as they wrote: there
// are keys in it.
func (s ringStore) sweep() {
	entries, _ := os.ReadDir(s.path())
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), statefile.Unfinished) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(s.path(), e.Name()))
		}
	}
}
