package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
)

// printToken writes a token for people, with its times in words.
func printToken(w io.Writer, t *proxy.ShownToken) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-8s %s\n", name, oneLine(value))
		}
	}
	line("token", t.Entry.Name)
	line("cache", t.Cache.Name+" "+t.Cache.ID.String())
	line("kid", t.Made.KeyID)
	if t.Signed.IsZero() {
		line("value", fmt.Sprintf("a static credential of %d bytes", t.Made.Value.Len()))
	} else {
		block(&b, w, "outer", t.Outer)
		block(&b, w, "header", t.Header)
		block(&b, w, "claims", t.Claims)
		line("good", beginning(t))
		line("expires", expiry(t))
	}
	line("refresh", refreshing(t))
	_, err := io.WriteString(w, b.String())
	return err
}

// block writes JSON on lines of its own, indented as for a terminal.
func block(b *strings.Builder, w io.Writer, name string, text configs.Secret) {
	if text.IsZero() {
		return
	}
	shown := strings.TrimSuffix(string(shownJSON([]byte(text.Reveal()), isColoured(w))), "\n")
	fmt.Fprintf(b, "%-8s %s\n", name, strings.ReplaceAll(shown, "\n", "\n"+strings.Repeat(" ", 9)))
}

// beginning says from when a token is good, when that is not now.
func beginning(t *proxy.ShownToken) string {
	if t.Made.NotBefore.IsZero() {
		return ""
	}
	return "in " + words(t.Made.NotBefore.Sub(t.At)) + ", " + stamp(t.Made.NotBefore)
}

func expiry(t *proxy.ShownToken) string {
	text := "in " + words(t.Made.Expires.Sub(t.At)) + ", " + stamp(t.Made.Expires)
	if t.Entry.Times.NoExpires {
		text += ", in the cache: there is no exp"
	}
	return text
}

// refreshing says when the next one is made.
func refreshing(t *proxy.ShownToken) string {
	if t.Refresh.IsZero() {
		return "none: each request gets a token of its own"
	}
	return "in " + words(t.Refresh.Sub(t.At)) + " or a little earlier"
}

// words writes a duration as people do: 12m, 1h30m, 45s. A part of a second counts
// as one, since a token has lost that part of its life when it is shown.
func words(d time.Duration) string {
	return configs.DurationText((d + time.Second - 1).Truncate(time.Second))
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// tokenJSON is a token for machines. It holds no value.
func tokenJSON(t *proxy.ShownToken) []byte {
	type cache struct {
		Name string `json:"name"`
		ID   string `json:"id"`
	}
	shown := struct {
		Token     string          `json:"token"`
		Cache     cache           `json:"cache"`
		KeyID     string          `json:"kid,omitempty"`
		TokenID   string          `json:"jti,omitempty"`
		Outer     json.RawMessage `json:"outer,omitempty"`
		Header    json.RawMessage `json:"header,omitempty"`
		Claims    json.RawMessage `json:"claims,omitempty"`
		NotBefore *time.Time      `json:"not_before,omitempty"`
		ExpiresAt time.Time       `json:"expires_at"`
		RefreshAt *time.Time      `json:"refresh_at,omitempty"`
		OnUse     bool            `json:"on_use,omitempty"`
	}{
		Token: t.Entry.Name, Cache: cache{t.Cache.Name, t.Cache.ID.String()}, KeyID: t.Made.KeyID, TokenID: t.Made.TokenID,
		Outer: json.RawMessage(t.Outer.Reveal()), Header: json.RawMessage(t.Header.Reveal()), Claims: json.RawMessage(t.Claims.Reveal()),
		NotBefore: some(t.Made.NotBefore), ExpiresAt: t.Made.Expires.UTC(), RefreshAt: some(t.Refresh), OnUse: t.Entry.OnUse,
	}
	text, _ := json.Marshal(shown) // it is made of what can be marshalled
	return text
}

// some is a time that is left out when there is none.
func some(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
