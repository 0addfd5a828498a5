// Package wire reads and writes the heads of HTTP/1.1 messages, RFC 9112, byte
// for byte: what one side sent in its own order and letter case is what the
// other side gets. It says how a body is delimited ([FramingOf]), and follows a
// chunked one to its end ([Chunks]). It reads strictly. What two readers could
// take for two different things is a [Fault], never repaired.
//
// It knows nothing of connections, caches or policy, and imports no other
// package of egret.
package wire
