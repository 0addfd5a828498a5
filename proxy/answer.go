package proxy

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// beginAnswer begins an answer with a status, fields, and a Date if there is
// none among them (RFC 9110 section 6.6.1). fasthttp's setters drop a Date,
// which fasthttp means to write itself; its parser keeps one.
func beginAnswer(header *fasthttp.ResponseHeader, status int, fields []templates.Field) {
	date := valueOf(fields, "Date")
	if date == "" {
		date = time.Now().UTC().Format(http.TimeFormat)
	}
	head := "HTTP/1.1 " + strconv.Itoa(status) + " " + fasthttp.StatusMessage(status) + "\r\nDate: " + date + "\r\n\r\n"
	// A head that is well formed is read without an error.
	_ = header.Read(bufio.NewReaderSize(strings.NewReader(head), len(head)))
	header.ResetConnectionClose() // the parser sees no end of a body
	for _, f := range fields {
		header.Add(f.Name, f.Value)
	}
}

// writeJSON answers with v.
func (x *exchange) writeJSON(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	x.write(text)
	return nil
}

// write answers with JSON that no cache on the way may keep.
func (x *exchange) write(text []byte) {
	response := &x.ctx.Response
	beginAnswer(&response.Header, fasthttp.StatusOK, nil)
	response.Header.SetContentType("application/json")
	response.Header.Set("Cache-Control", "no-store")
	response.SetBodyRaw(text)
}

// writeRaw answers with the upstream's own answer.
func (x *exchange) writeRaw(result *functions.Result) {
	beginAnswer(&x.ctx.Response.Header, result.Status, result.Header)
	x.ctx.Response.SetBodyRaw(result.Body)
}
