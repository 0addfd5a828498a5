package configs

import "time"

var functionLimits = section[FunctionLimits]{theFunctionLimits, []field[FunctionLimits]{
	{"concurrency", false, func(d *decoder, n *node, l *FunctionLimits) { decodeConcurrency(d, n, &l.Quota) }},
	{"rate", false, func(d *decoder, n *node, l *FunctionLimits) { decodeRate(d, n, &l.Quota) }},
	{"connect_timeout", false, func(d *decoder, n *node, l *FunctionLimits) { l.ConnectTimeout = d.duration(n, time.Millisecond) }},
	{"first_byte_timeout", false, func(d *decoder, n *node, l *FunctionLimits) { l.FirstByteTimeout = d.duration(n, time.Millisecond) }},
	{"answer_bytes", false, func(d *decoder, n *node, l *FunctionLimits) { l.AnswerBytes = d.sizeBetween(n, kibi, gibi) }},
}}

func decodeFunctionLimits(d *decoder, n *node, f *functionEntry) {
	functionLimits.decode(d, n, &f.Limits)
}
