package tokens

import "time"

// A queue holds plans with the one that is due first in front. It is a heap in
// which each place has four below it, and it holds the times beside the plans:
// with many plans it touches far less memory than container/heap does.
type queue struct{ places []place }

type place struct {
	due  time.Duration
	plan *plan
}

const width = 4

// front is the plan that is due first, or nil.
func (q *queue) front() *plan {
	if len(q.places) == 0 {
		return nil
	}
	return q.places[0].plan
}

// put places p by its due time, whether it is in the queue or not.
func (q *queue) put(p *plan) {
	if !p.queued() {
		p.at = int32(len(q.places))
		q.places = append(q.places, place{})
	}
	q.settle(place{p.due, p})
}

// remove takes p out, if it is in.
func (q *queue) remove(p *plan) {
	if !p.queued() {
		return
	}
	last := len(q.places) - 1
	moved := q.places[last]
	q.places[last] = place{}
	q.places = q.places[:last]
	if moved.plan != p {
		moved.plan.at = p.at
		q.settle(moved)
	}
	p.at = nowhere
}

// settle finds the right place for what belongs at x.plan.at or near it.
func (q *queue) settle(x place) {
	at := int(x.plan.at)
	for at > 0 {
		above := (at - 1) / width
		if q.places[above].due <= x.due {
			break
		}
		q.set(at, q.places[above])
		at = above
	}
	for {
		least := q.least(at*width + 1)
		if least < 0 || q.places[least].due >= x.due {
			break
		}
		q.set(at, q.places[least])
		at = least
	}
	q.set(at, x)
}

// least is the place that is due first of those side by side from first on, or
// -1 when there are none.
func (q *queue) least(first int) int {
	if first >= len(q.places) {
		return -1
	}
	least := first
	for i := first + 1; i < min(first+width, len(q.places)); i++ {
		if q.places[i].due < q.places[least].due {
			least = i
		}
	}
	return least
}

func (q *queue) set(at int, x place) {
	q.places[at] = x
	x.plan.at = int32(at)
}
