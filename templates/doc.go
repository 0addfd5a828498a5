// Package templates is egret's placeholder engine. A template is text in which
// </customer/name> or {/customer/name} stands for the value that an RFC 6901
// JSON Pointer names in a Function's arguments. Text is compiled once, when the
// configuration is loaded, and rendered in one pass with the escaping of the
// place where the placeholder stands; what was substituted is never read again.
//
// The package knows nothing of caches, tokens or HTTP messages, and imports no
// other package of egret.
package templates
