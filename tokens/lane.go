package tokens

import (
	"slices"
	"time"
)

// A lane is plans that are made by the same workers. There are two, so that
// makings that take their time, such as those of a service that does not answer,
// keep nobody waiting who only needs a processor for a moment.
type lane struct {
	queue queue
	most  int     // workers
	tasks []*task // that are under way; those of the slow lane are only counted
	busy  int     // workers
}

type laneName uint8

// A plan begins in the fast lane. One whose making exceeds the patience of the
// Refresher goes on in the slow lane, and takes its worker with it; so it does
// the next time, until a making is fast again.
const (
	fast laneName = iota
	slow
	lanes
)

// A task is a plan in the hands of a worker.
type task struct {
	plan  *plan
	lane  laneName
	began time.Duration
}

// nextLocked takes a plan that is due out of its queue, or tells how long there
// is nothing to do.
func (r *Refresher) nextLocked(now time.Duration) (*task, time.Duration) {
	wait := idle
	for name := range lanes {
		l := &r.lanes[name]
		front := l.queue.front()
		if front == nil {
			continue
		}
		if early := front.due - now; early > 0 {
			wait = min(wait, early)
			continue
		}
		if l.busy >= l.most {
			if patience := r.relieveLocked(name, now); patience > 0 {
				wait = min(wait, patience)
				continue
			}
		}
		l.queue.remove(front)
		t := &task{plan: front, lane: name, began: now}
		r.enterLocked(t)
		return t, 0
	}
	return nil, wait
}

// relieveLocked makes room in a lane whose workers are all busy. What takes too
// long in the fast one moves to the slow one. The result is positive when there
// is no room before that time has passed.
func (r *Refresher) relieveLocked(name laneName, now time.Duration) time.Duration {
	if name == slow || r.lanes[slow].busy >= r.lanes[slow].most {
		return idle // or when a worker has finished
	}
	stuck := slices.MinFunc(r.lanes[fast].tasks, func(a, b *task) int { return int(a.began - b.began) })
	if patience := stuck.began + r.patience - now; patience > 0 {
		return patience
	}
	r.leaveLocked(stuck)
	stuck.lane = slow
	r.enterLocked(stuck)
	if !stuck.plan.queued() {
		stuck.plan.lane = slow
	}
	return 0
}

func (r *Refresher) enterLocked(t *task) {
	l := &r.lanes[t.lane]
	l.busy++
	if t.lane == fast {
		l.tasks = append(l.tasks, t)
	}
}

func (r *Refresher) leaveLocked(t *task) {
	l := &r.lanes[t.lane]
	l.busy--
	if t.lane == fast {
		l.tasks = slices.DeleteFunc(l.tasks, func(other *task) bool { return other == t })
	}
}

// putLocked queues p by its due time, in the lane in which it belongs.
func (r *Refresher) putLocked(p *plan) {
	if p.removed || p.source.OnDemand {
		return
	}
	r.lanes[p.lane].queue.put(p)
	if p.at == 0 {
		r.poke()
	}
}

// changeLaneLocked is for a plan that may be queued.
func (r *Refresher) changeLaneLocked(p *plan, to laneName) {
	if p.lane != to {
		r.lanes[p.lane].queue.remove(p)
		p.lane = to
	}
}

// finish ends a task and gives its worker the next one, or nil. What the worker
// did not make is given back, unless somebody makes it right now.
func (r *Refresher) finish(t *task, more bool) (next *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaveLocked(t)
	if p := t.plan; !p.queued() && p.flight == nil {
		r.putLocked(p)
	}
	if more {
		next, _ = r.nextLocked(r.now())
	}
	if next == nil {
		r.poke() // who waited for room need not any more
	}
	return next
}
