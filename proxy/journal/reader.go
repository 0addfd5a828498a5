package journal

import "slices"

// A reader reads records in their order, and waits for more.
type reader struct {
	journal *Journal
	at      uint64        // the record that it reads next
	all     bool          // it may see all that is held, and not just the last entries
	until   uint64        // it reads none from there on
	want    uint64        // wakes it when that many have come; guarded by the journal's mutex
	wake    chan struct{} // has room for one
}

func (j *Journal) newReader() *reader {
	r := &reader{journal: j, until: never, want: never, wake: make(chan struct{}, 1)}
	j.mu.Lock()
	defer j.mu.Unlock()
	r.at = j.next
	j.readers = append(j.readers, r)
	return r
}

// close ends the use of r.
func (r *reader) close() {
	j := r.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.readers = slices.DeleteFunc(j.readers, func(other *reader) bool { return other == r })
}

// read copies the next records into room. missed tells how many r wanted to
// read before them that are not held any more.
func (r *reader) read(room []Record) (n int, missed uint64) {
	j := r.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	if oldest := j.oldestLocked(r.all); r.at < oldest {
		missed = oldest - r.at
		r.at = oldest
	}
	for end := min(j.next, r.until); n < len(room) && r.at < end; {
		room[n] = *j.slotLocked(r.at)
		n++
		r.at++
	}
	return n, missed
}

// oldestLocked is the first record that is held, or the first of the last
// entries.
func (j *Journal) oldestLocked(all bool) uint64 {
	if all {
		return j.next - uint64(j.held)
	}
	return j.next - uint64(min(j.held, j.entries))
}

// expect makes r.wake tell when so many records are there to be read. When they
// are there already, it tells at once.
func (r *reader) expect(records uint64) {
	j := r.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	r.want = r.at + records
	if r.want <= j.next {
		r.ringLocked()
		return
	}
	j.alarm = min(j.alarm, r.want)
}

// forgo takes back what r expects.
func (r *reader) forgo() {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	r.want = never
}

func (r *reader) ringLocked() {
	r.want = never
	select {
	case r.wake <- struct{}{}:
	default: // it is awake, or going to be
	}
}

// wakeDueLocked wakes the readers whose records have come.
func (j *Journal) wakeDueLocked() {
	j.alarm = never
	for _, r := range j.readers {
		if r.want <= j.next {
			r.ringLocked()
		}
		j.alarm = min(j.alarm, r.want)
	}
}

// wakeLocked wakes all readers.
func (j *Journal) wakeLocked() {
	for _, r := range j.readers {
		r.ringLocked()
	}
}

// skipTo makes a record the next one that r reads.
func (r *reader) skipTo(sequence uint64) {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	r.at = sequence
}
