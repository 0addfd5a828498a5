package tokens

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A plainHeap is what a queue is held against.
type plainHeap []*plan

func (h plainHeap) Len() int           { return len(h) }
func (h plainHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h plainHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *plainHeap) Push(x any)        { *h = append(*h, x.(*plan)) }
func (h *plainHeap) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	*h = (*h)[:last]
	return p
}

// TestQueue puts, moves and removes plans at random, and looks at each step
// whether the first one is in front and each one knows its place.
func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q queue
	plans := make([]*plan, 60)
	for i := range plans {
		plans[i] = newPlan(Source{}, 0)
	}
	for step := range 20_000 {
		p := plans[random.IntN(len(plans))]
		if random.IntN(3) == 0 {
			q.remove(p)
		} else {
			p.due = time.Duration(random.IntN(40))
			q.put(p)
		}
		var least *plan
		n := 0
		for _, p := range plans {
			if !p.queued() {
				continue
			}
			n++
			if least == nil || p.due < least.due {
				least = p
			}
			if at := q.places[p.at]; at.plan != p || at.due != p.due {
				t.Fatalf("step %d: at %d stands %v, want the plan that is there", step, p.at, at)
			}
		}
		if front := q.front(); n != len(q.places) || (front == nil) != (least == nil) || front != nil && front.due != least.due {
			t.Fatalf("step %d: %d plans with %v in front, want %d with %v", step, len(q.places), front, n, least)
		}
	}
}

func TestQueueIsAHeap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var q queue
	var want plainHeap
	for range 10_000 {
		p := newPlan(Source{}, time.Duration(random.Int64()))
		q.put(p)
		heap.Push(&want, p)
	}
	for want.Len() > 0 {
		p := q.front()
		q.remove(p)
		if other := heap.Pop(&want).(*plan); other != p {
			t.Fatalf("the first one is due at %d, container/heap has one at %d", p.due, other.due)
		}
	}
}

// BenchmarkSchedule takes the first plan and puts it back for later, as each
// refresh does, beside container/heap.
func BenchmarkSchedule(b *testing.B) {
	const life = 40 * time.Second
	later := func(p *plan) { p.due += life - time.Duration(rand.Int64N(int64(life/10))) }
	for _, n := range []int{100_000, 1_000_000} {
		plans := make([]*plan, n)
		for i := range plans {
			plans[i] = newPlan(Source{}, time.Duration(rand.Int64N(int64(life))))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var q queue
			for _, p := range plans {
				p.at = nowhere
				q.put(p)
			}
			b.ReportAllocs()
			for b.Loop() {
				p := q.front()
				q.remove(p)
				later(p)
				q.put(p)
			}
		})
		b.Run(fmt.Sprintf("%d with container/heap", n), func(b *testing.B) {
			h := plainHeap(append([]*plan(nil), plans...))
			heap.Init(&h)
			b.ReportAllocs()
			for b.Loop() {
				p := heap.Pop(&h).(*plan)
				later(p)
				heap.Push(&h, p)
			}
		})
	}
}
