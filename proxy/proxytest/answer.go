package proxytest

import (
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"
)

// An Answer is what a request was answered with.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Get reads a member of a JSON body by its gjson path: "output.order.id".
func (a Answer) Get(path string) string { return gjson.Get(a.Body, path).String() }

// Code is the code of a problem, "" when the body is none.
func (a Answer) Code() string {
	if a.Header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	return a.Get("code")
}

// Call calls a Function with JSON arguments.
func (e *Egret) Call(function, arguments string, header ...string) Answer {
	e.t.Helper()
	header = append([]string{"Content-Type", "application/json"}, header...)
	return e.Do(http.MethodPost, e.URL+"/v1/functions/"+function, arguments, header...)
}

// Get forwards a GET request, or asks egret itself, as the URL says.
func (e *Egret) Get(url string, header ...string) Answer {
	e.t.Helper()
	return e.Do(http.MethodGet, url, "", header...)
}

// Do makes a request; header has names and values in turn.
func (e *Egret) Do(method, url, body string, header ...string) Answer {
	e.t.Helper()
	request, err := http.NewRequestWithContext(e.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	client := e.Client()
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		e.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		e.t.Fatalf("%s %s: %v", method, url, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(text)}
}
