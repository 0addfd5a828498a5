package journal

import (
	"io"
	"log/slog"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Options are what a Journal is given beside its configuration.
type Options struct {
	// Log gets what operators should know. Nil means that nothing is logged.
	Log *slog.Logger
	// Stdout is what the file "-" means. Nil means that of the process.
	Stdout io.Writer
}

// fileQueue is how many records there is room for while a file cannot keep up.
const fileQueue = 4096

// never is a sequence number that no record reaches.
const never = math.MaxUint64

// A Journal holds the last records. It is safe for concurrent use.
type Journal struct {
	log     *slog.Logger
	stdout  io.Writer
	wanted  atomic.Bool
	dropped atomic.Uint64
	origin  uint64 // the first sequence number

	mu      sync.Mutex
	slots   []Record // the ring
	at      int      // the slot of the next record
	held    int      // how many slots have one
	next    uint64   // the sequence number of the next record
	entries int      // how many of the last records streams may see
	alarm   uint64   // when next reaches it, a reader wants to be woken
	readers []*reader
	streams int

	settings sync.Mutex // one change of the file at a time
	path     string     // of the file, "" without one
	writer   *reader
	turn     *turn // to another file, that the writer has not taken yet; guarded by mu
}

// New makes a Journal that keeps nothing yet. It opens nothing and starts
// nothing.
func New(o Options) *Journal {
	// Sequence numbers go on after a restart: no process makes a million records
	// a second for all of its life.
	origin := uint64(time.Now().UnixMicro())
	j := &Journal{log: o.Log, stdout: o.Stdout, origin: origin, next: origin, alarm: never}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	if j.stdout == nil {
		j.stdout = os.Stdout
	}
	j.writer = j.newReader()
	j.writer.all = true
	return j
}

// Wanted reports whether anything becomes of records. Who has none to make need
// not add one.
func (j *Journal) Wanted() bool { return j.wanted.Load() }

// Dropped is how many records are missing in the file.
func (j *Journal) Dropped() uint64 { return j.dropped.Load() }

// Apply makes cfg the configuration. It opens the file first, if it is another
// one; when that fails, nothing has changed.
func (j *Journal) Apply(cfg configs.Journal) error {
	j.settings.Lock()
	defer j.settings.Unlock()
	var next *turn
	if cfg.File != j.path {
		var err error
		if next, err = j.open(cfg.File); err != nil {
			return err
		}
	}
	j.path = cfg.File
	room := cfg.Entries
	if cfg.File != "" {
		room = max(room, fileQueue)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.resizeLocked(room)
	j.entries = cfg.Entries
	j.wanted.Store(room > 0)
	if next != nil {
		j.turnLocked(next)
	}
	j.wakeLocked() // a stream may have lost what it reads from
	return nil
}

// Add keeps a copy of r, in which only the sequence number differs.
func (j *Journal) Add(r *Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.slots) == 0 {
		return
	}
	slot := &j.slots[j.at]
	*slot = *r
	slot.Sequence = j.next
	j.next++
	if j.at++; j.at == len(j.slots) {
		j.at = 0
	}
	if j.held < len(j.slots) {
		j.held++
	}
	if j.next >= j.alarm {
		j.wakeDueLocked()
	}
}

// resizeLocked gives the ring another size. What there is room for stays.
func (j *Journal) resizeLocked(size int) {
	if size == len(j.slots) {
		return
	}
	slots := make([]Record, size)
	kept := min(j.held, size)
	for i := range kept {
		slots[i] = *j.slotLocked(j.next - uint64(kept-i))
	}
	j.slots, j.held, j.at = slots, kept, 0
	if size > 0 {
		j.at = kept % size
	}
}

// slotLocked gives the slot of a record that is held.
func (j *Journal) slotLocked(sequence uint64) *Record {
	back := int(j.next - sequence) // at most len(j.slots)
	return &j.slots[(j.at-back+len(j.slots))%len(j.slots)]
}
