package caches_test

import (
	"context"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// An agent sends a cache ID; egret finds the cache, fills it if need be, and
// knows the value it stands for.
func Example() {
	index := caches.NewIndex([]configs.Cache{{Name: "acme_token", ID: configs.DefaultID("acme_token")}})
	values, filler := caches.NewValues(), caches.NewFiller(30*time.Second)

	cache, _ := index.Lookup(configs.DefaultID("acme_token").String())
	if _, ok := values.Get(cache.ID, ""); !ok {
		made, _, err := filler.Fill(context.Background(), cache.Name, func(context.Context) (caches.Entry, error) {
			now := time.Now()
			return caches.Entry{Data: []byte("live value"), Created: now, Expires: now.Add(15 * time.Minute)}, nil
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		values.Put(cache.ID, "", made)
	}

	e, ok := values.Get(cache.ID, "")
	fmt.Println(cache.Name, string(e.Data), ok)
	// Output: acme_token live value true
}
