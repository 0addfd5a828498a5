// Package tokens makes credentials: it parses keys, fits them to algorithms,
// builds claims, and signs through golang-jwt. A [Refresher] keeps caches filled,
// with what was made here and with what others make ([Source]).
//
// It stores nothing: values go into caches.Values. Of egret it may import
// templates, configs and caches.
package tokens
