package configs

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher notices that files have another content than before, however that
// came about: written in place, replaced by a rename, or reached by a link that
// leads elsewhere now. It watches their directories, because a file that is
// replaced takes a watch of its own away with it.
type Watcher struct {
	quiet   time.Duration
	log     *slog.Logger
	events  *fsnotify.Watcher
	changed chan struct{}
	look    chan struct{} // the files are others
	cancel  context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	content map[string][sha256.Size]byte // of each file
	entries map[string]bool              // directory entries that the files depend on
	listed  map[string]bool              // directories that patterns look through
	renewed map[string]bool              // watched directories whose own entry has changed
	folders map[string]bool              // directories that are watched
}

// Watch starts to watch files, and the files that patterns match as those of
// include do. It ends with ctx or by [Watcher.Close]. After a change it waits
// until nothing has changed for the time quiet, so that a file is not read half
// written. A nil log discards.
func Watch(ctx context.Context, files []Watched, quiet time.Duration, log *slog.Logger) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("cannot watch files: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &Watcher{
		quiet: quiet, log: log, events: events,
		changed: make(chan struct{}, 1), look: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{}),
		folders: map[string]bool{},
	}
	if err := w.SetFiles(files); err != nil {
		cancel()
		return nil, errors.Join(err, events.Close())
	}
	go w.run(ctx)
	return w, nil
}

// Changed gets one value after each change. A change that comes before the last
// one was received is not counted again. The channel is never closed.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// SetFiles replaces the files that are watched. A change is measured against
// what each of them was when it was looked at: one that has changed since then
// is a change.
func (w *Watcher) SetFiles(files []Watched) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.content = make(map[string][sha256.Size]byte, len(files))
	for _, file := range files {
		w.content[file.Path] = file.sum
	}
	select {
	case w.look <- struct{}{}:
	default:
	}
	return w.followLocked()
}

// Close ends the watching and waits for it.
func (w *Watcher) Close() error {
	w.cancel()
	<-w.done
	return nil
}

// followLocked watches the directories that decide what the files are now. A
// directory whose own entry has changed is another one and is watched anew.
func (w *Watcher) followLocked() error {
	entries, folders, listed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var last error
	follow := func(path string) {
		for _, e := range trail(path) {
			entries[e] = true
			folders[filepath.Dir(e)] = true
		}
	}
	for file := range w.content {
		follow(file)
		if !hasMeta(file) {
			continue
		}
		for _, folder := range matches(file).folders {
			follow(folder)
			if real, err := filepath.EvalSymlinks(folder); err == nil {
				folders[real], listed[real] = true, true
			}
		}
	}
	for folder := range w.folders {
		if !folders[folder] || w.renewed[folder] {
			_ = w.events.Remove(folder) // It may be gone already.
			delete(w.folders, folder)
		}
	}
	for folder := range folders {
		if w.folders[folder] {
			continue
		}
		if err := w.events.Add(folder); err != nil {
			// Directories above may be unreadable to us; theirs are the
			// changes that hardly ever come.
			last = fmt.Errorf("cannot watch directory=%q: %w", folder, err)
			continue
		}
		w.folders[folder] = true
	}
	w.entries, w.listed, w.renewed = entries, listed, map[string]bool{}
	if len(w.folders) == 0 {
		return last
	}
	return nil
}

func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	defer w.events.Close() //nolint:errcheck // There is nobody to tell.
	settled := time.NewTimer(w.quiet)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.events.Events:
			if w.concerns(event.Name) {
				settled.Reset(w.quiet)
			}
		case <-w.look:
			settled.Reset(w.quiet)
		case err := <-w.events.Errors:
			w.log.Warn("cannot watch the configuration", "err", err)
			settled.Reset(w.quiet) // Events may be lost.
		case <-settled.C:
			if w.follow() {
				settled.Reset(w.quiet) // What was not watched before may be half written.
			} else if w.differs() {
				select {
				case w.changed <- struct{}{}:
				default:
				}
			}
		}
	}
}

// concerns reports whether an event is about an entry on the way to one of the
// files, or in a directory of a pattern. There may be very many events, so the
// way is followed anew only when they have come to an end.
func (w *Watcher) concerns(entry string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.folders[entry] {
		w.renewed[entry] = true
		return true
	}
	return w.entries[entry] || w.listed[filepath.Dir(entry)]
}

// follow follows the way to the files anew, and reports whether it is another
// one.
func (w *Watcher) follow() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	entries, folders, renewed := w.entries, maps.Clone(w.folders), len(w.renewed) > 0
	if err := w.followLocked(); err != nil {
		w.log.Warn("cannot watch the configuration", "err", err)
	}
	return renewed || !maps.Equal(entries, w.entries) || !maps.Equal(folders, w.folders)
}

// differs reports whether a file has other content than when it was last asked.
func (w *Watcher) differs() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	differs := false
	for path, before := range w.content {
		if now := fingerprint(path); now != before {
			w.content[path], differs = now, true
		}
	}
	return differs
}
