// Package configs is the vocabulary of egret.yaml: its structs and defaults, a
// strict loader that reports every problem with its place, the checks across
// sections, and the watcher that notices a changed file.
//
// A configuration is data. There is no client, channel or lock in it, nothing
// is dialled and no key is parsed here. It may import templates.
package configs
