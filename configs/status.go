package configs

import "strconv"

// status reads an HTTP status code of a final answer.
func (d *decoder) status(n *node) (int, bool) {
	v, ok := d.count(n)
	if !ok {
		return 0, false
	}
	return d.finalStatus(n, v)
}

func (d *decoder) finalStatus(n *node, v int64) (int, bool) {
	if v < 200 || v > 599 {
		d.problem(n, "a status is between 200 and 599", "")
		return 0, false
	}
	return int(v), true
}

// statusKey reads a status that is a key.
func (d *decoder) statusKey(m member) (int, bool) {
	v, err := strconv.ParseInt(m.key, 10, 64)
	if err != nil || v < 200 || v > 599 {
		d.at(m.place, m.value.path, "a status is between 200 and 599", "")
		return 0, false
	}
	return int(v), true
}

// statuses reads a list of statuses.
func (d *decoder) statuses(n *node) (list []int) {
	d.each(n, func(n *node) {
		if v, ok := d.status(n); ok {
			list = append(list, v)
		}
	})
	return list
}
