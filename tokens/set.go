package tokens

import "time"

// Set replaces the schedule. A source whose ID and Key were there before keeps
// its value and its due time; of two with the same ID and Key the first one
// counts. A value of a source that is gone is not made again, but lives on for
// those who know its key. Set may be called before, during and after Run.
//
// Of several lists the first is what holds now; the others are what somebody
// may still ask for.
//
// However many sources there are, Get and the workers go on meanwhile.
func (r *Refresher) Set(lists ...[]Source) {
	r.setting.Lock()
	defer r.setting.Unlock()
	now := time.Now()
	n := 0
	for _, list := range lists {
		n += len(list)
	}
	plans, order, sources := make(map[planKey]*plan, n), make([]*plan, 0, n), make([]*Source, 0, n)
	first := 0
	for i, list := range lists {
		for k := range list {
			key := planKey{list[k].ID, list[k].Key}
			if plans[key] != nil {
				continue
			}
			p := r.plans[key] // nobody but Set replaces the map
			if p == nil {
				p = r.newPlan(list[k], now)
			}
			plans[key], order, sources = p, append(order, p), append(sources, &list[k])
		}
		if i == 0 {
			first = len(order)
		}
	}
	gone := r.swap(plans, order)
	r.adopt(order, sources, first)
	r.each(gone, func(p *plan) bool {
		if plans[p.key()] == nil {
			r.removeLocked(p)
		}
		return true
	})
	r.values.Sweep(now)
	r.poke()
}

// newPlan plans a new source. It may have a value from an earlier time.
func (r *Refresher) newPlan(s Source, now time.Time) *plan {
	p := newPlan(s, r.at(now))
	if e, ok := r.values.Newest(s.ID, s.Key); ok {
		wait, _ := p.succeeded(e)
		p.due += wait - now.Sub(e.Created)
	}
	return p
}

// swap makes plans known to Get. What it gives was there before.
func (r *Refresher) swap(plans map[planKey]*plan, order []*plan) []*plan {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.order
	r.plans, r.order = plans, order
	r.shortenLocked()
	return before
}

// adopt gives each plan its source, and queues those that are new. The plans
// behind the first ones are former ones.
func (r *Refresher) adopt(order []*plan, sources []*Source, first int) {
	i := 0
	r.each(order, func(p *plan) bool {
		p.source, p.former = *sources[i], i >= first
		i++
		if p.listed {
			return true
		}
		p.listed = true
		if !p.tried && !p.source.OnDemand {
			r.untried++
			p.rushed = true
			r.rush.join(p.due)
		}
		if !p.queued() && p.flight == nil {
			r.putLocked(p)
		}
		return true
	})
}

func (r *Refresher) removeLocked(p *plan) {
	p.removed = true
	r.lanes[p.lane].queue.remove(p)
	if p.listed && !p.tried && !p.source.OnDemand {
		r.untried--
	}
	if p.rushed {
		r.rush.leave()
	}
	p.listed, p.rushed = false, false
}
