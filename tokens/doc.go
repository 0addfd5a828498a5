// Package tokens makes credentials: it parses keys, fits them to algorithms,
// builds claims, signs through golang-jwt, and keeps caches filled with what it
// made ([Refresher]).
//
// It stores nothing: values go into caches.Values. Of egret it may import
// templates, configs and caches.
package tokens
