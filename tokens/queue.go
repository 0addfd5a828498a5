package tokens

import "container/heap"

// A queue holds plans with the one that is due first in front. It is a
// container/heap.
type queue []*plan

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is for container/heap.
func (q *queue) Push(x any) {
	p := x.(*plan)
	p.index = len(*q)
	*q = append(*q, p)
}

// Pop is for container/heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	p := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	p.index = -1
	return p
}

// put places p by its due time, whether it is in the queue or not.
func (q *queue) put(p *plan) {
	if p.index >= 0 {
		heap.Fix(q, p.index)
		return
	}
	heap.Push(q, p)
}

// take removes the first plan.
func (q *queue) take() *plan { return heap.Pop(q).(*plan) }
