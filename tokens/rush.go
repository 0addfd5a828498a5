package tokens

import "time"

// elbowRoom is the part of a schedule that each of those who are made together
// gets: no more than 100 of them come due again within a second, if they fit.
const elbowRoom = 10 * time.Millisecond

// A rush is plans that have to be made at the same time: all of them at the
// start, or after a step of the wall clock. Left alone they would come due
// together again, life after life.
type rush struct {
	left, done int // plans
	since      time.Duration
}

// join is for a plan that has to be made now.
func (r *rush) join(now time.Duration) {
	if r.left == 0 {
		*r = rush{since: now}
	}
	r.left++
}

// leave is for a plan that is removed.
func (r *rush) leave() { r.left-- }

// wait gives a plan that has been made its next due time, no later than after
// longest. The schedule of all plans has its room for them from the end of the
// rush on, which is told from its pace so far: those who were made first come
// first, and so they stay apart.
func (r *rush) wait(now, longest time.Duration, plans int) time.Duration {
	r.left--
	r.done++
	room := min(longest, time.Duration(plans)*elbowRoom)
	share := 1 - float64(r.left)/float64(max(plans, r.left, 1))
	pace := float64(now-r.since) / float64(r.done)
	rest := pace * float64(r.left)
	return longest - room + time.Duration(min(rest+share*float64(room), float64(room)))
}
