// Package caches is egret's memory: named values with an ID and a lifetime.
//
// [Store] keeps entries by key ([Memory] is the one in this process), [Filler]
// lets many readers of an empty cache wait for one maker, [Values] knows what
// each cache ID stands for now, and [Index] finds the cache that an ID names.
// [Entry.Expired] alone decides whether an entry is dead.
//
// The package does not know who makes a value, nor when. Of egret it may import
// templates and configs.
package caches
