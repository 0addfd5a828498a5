package main

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/dunglas/httpsfv"

	"github.com/egret-proxy/egret/functions"
)

// maxProblem bounds the text of a refusal, in bytes.
const maxProblem = 1 << 20

// refusalOf gives the refusal that an answer is, or nil. It has the form of
// RFC 9457, and egret's name in Proxy-Status, by which it differs from a
// problem that a Function's upstream answered with.
func refusalOf(answer *http.Response) *functions.Refusal {
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" || !refusedByEgret(answer.Header) {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxProblem))
	if err != nil {
		return unreadable(err)
	}
	var problem struct {
		Code   functions.Code            `json:"code"`
		Detail string                    `json:"detail"`
		Errors []functions.ArgumentError `json:"errors"`
		Remedy string                    `json:"remedy"`
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		return unreadable(err)
	}
	refusal := &functions.Refusal{Code: functions.Code(printable(string(problem.Code))), Detail: printable(problem.Detail), Remedy: printable(problem.Remedy)}
	for _, e := range problem.Errors {
		refusal.Errors = append(refusal.Errors, functions.ArgumentError{
			Pointer: printable(e.Pointer), Keyword: printable(e.Keyword), Detail: printable(e.Detail),
		})
	}
	return refusal
}

// refusedByEgret looks for egret among the proxies that had a problem.
func refusedByEgret(header http.Header) bool {
	list, err := httpsfv.UnmarshalList(header.Values("Proxy-Status"))
	if err != nil || len(list) == 0 {
		return false
	}
	last, ok := list[len(list)-1].(httpsfv.Item) // RFC 9209 section 2: the last is the nearest
	if !ok || last.Value != httpsfv.Token("egret") {
		return false
	}
	_, failed := last.Params.Get("error")
	return failed
}

// unreadable is a refusal whose reason did not arrive.
func unreadable(err error) *functions.Refusal {
	return &functions.Refusal{Code: functions.Internal, Detail: "egret refused, and its reason cannot be read", Cause: err}
}

// oneLine is printable text without line breaks.
func oneLine(text string) string { return strings.ReplaceAll(printable(text), "\n", " ") }

// printable replaces what a terminal would obey: the text comes from elsewhere.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
