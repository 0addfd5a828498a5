package caches

import "github.com/egret-proxy/egret/configs"

// A Watcher is told what a [Values] holds, by many goroutines at the same time
// and without a lock held.
type Watcher interface {
	// Add tells that the cache is going to hold a text, before anybody can read
	// it there.
	Add(id configs.ID, text string)
	// Remove takes back one Add of the same text, when the cache has forgotten
	// it. One that is dead is forgotten at the next Sweep, and mostly before that
	// at the next Put of its cache.
	Remove(id configs.ID, text string)
}

// Watch makes w the one that is told. It is called before the first Put.
func (v *Values) Watch(w Watcher) { v.watcher = w }

func (v *Values) tellAdded(id configs.ID, text string) {
	if v.watcher != nil && text != "" {
		v.watcher.Add(id, text)
	}
}

func (v *Values) tellForgotten(gone []forgotten) {
	if v.watcher == nil {
		return
	}
	for _, g := range gone {
		if g.text == "" {
			continue
		}
		v.watcher.Remove(g.id, g.text)
	}
}

// A forgotten text was that of a cache.
type forgotten struct {
	id   configs.ID
	text string
}

// forgottenBy appends the texts that a cache has forgotten to gone.
func forgottenBy(id configs.ID, texts []string, gone []forgotten) []forgotten {
	for _, text := range texts {
		gone = append(gone, forgotten{id, text})
	}
	return gone
}
