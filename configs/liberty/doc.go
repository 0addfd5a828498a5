// Package liberty turns the JWT builders of a WebSphere Liberty or Open Liberty
// server.xml into egret.yaml: jwtBuilder, the key stores that builders use, and
// the users of the basic registry. It says in comments what it could not carry
// over.
//
// It reads files and writes text. It builds no configuration of its own, opens
// no key store, and copies no password or key.
package liberty
