package caches

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
	"unsafe"

	"github.com/egret-proxy/egret/configs"
)

// An Entry is a value and its lifetime. Data may be a credential, so no form of
// fmt, slog, JSON or text shows it.
type Entry struct {
	Data    []byte    // shared by all readers: nobody changes it, ever
	Created time.Time // when it was made
	Expires time.Time // from here on it is dead; the zero time is long past
	// NotBefore is when it begins to be good, or the zero time when it is at once.
	NotBefore time.Time
	// KeyID and TokenID tell one token from another: "kid" and "jti", or "".
	// They may be shown.
	KeyID, TokenID string
	// Answer is what the data was taken out of, as JSON: an ID can point to
	// something else in it. Zero when the data is all that there is.
	Answer configs.Secret

	secret configs.Secret // the data, made a Secret once; zero until somebody did
}

// NewEntry makes an entry whose data is a credential. It takes no memory for the
// data: the entry and the Secret share it.
func NewEntry(value configs.Secret, created, expires time.Time) Entry {
	return Entry{Data: bytesOf(value.Reveal()), Created: created, Expires: expires, secret: value}
}

// shared is e with a Secret that shares the memory of the data.
func (e Entry) shared() Entry {
	if !e.secret.IsZero() {
		return e
	}
	e.secret = configs.NewSecret(string(e.Data))
	e.Data = bytesOf(e.secret.Reveal())
	return e
}

// bytesOf gives the bytes of text without a copy. They are for the data of an
// entry, which nobody ever changes: a credential is held once, not twice.
func bytesOf(text string) []byte {
	return unsafe.Slice(unsafe.StringData(text), len(text)) //nolint:gosec // reading is all that is allowed, and all that is done
}

// Secret gives the data as a Secret. For an entry that [Values] hands out, it is
// always the same one.
func (e Entry) Secret() configs.Secret {
	if e.secret.IsZero() {
		return configs.NewSecret(string(e.Data))
	}
	return e.secret
}

// reserve bounds what [Entry.Usable] keeps back from the end of a life.
const reserve = 5 * time.Second

// Left is how long the entry still lives at now, zero or less when it is dead.
//
// It is measured on the monotonic and on the wall clock, and the shorter one
// counts. A wall clock that was set back cannot prolong a life, and neither can
// a monotonic clock that stood still while the machine slept. Times without a
// monotonic reading have the wall clock only.
func (e Entry) Left(now time.Time) time.Duration {
	return min(e.Expires.Sub(now), e.Expires.Round(0).Sub(now.Round(0)))
}

// Expired reports whether the entry is dead at now. It is the one function that
// decides about expiry.
func (e Entry) Expired(now time.Time) bool { return e.Left(now) <= 0 }

// Life is how long the entry lives from its making.
func (e Entry) Life() time.Duration { return max(0, e.Expires.Sub(e.Created)) }

// Spare is how long the entry may still be handed out at now. It ends before
// the life does, by a tenth of the life but not more than 5 seconds, so that
// a value does not die on its way to the one who checks it.
func (e Entry) Spare(now time.Time) time.Duration {
	return e.Left(now) - min(e.Life()/10, reserve)
}

// Spent reports whether the entry may not be handed out any more at now.
func (e Entry) Spent(now time.Time) bool { return e.Expired(now) || e.Spare(now) < 0 }

// Wait is how long it takes at now until the entry is good, zero or less when it
// is. As with Left, both clocks are asked; the longer wait counts.
func (e Entry) Wait(now time.Time) time.Duration {
	if e.NotBefore.IsZero() {
		return 0
	}
	return max(e.NotBefore.Sub(now), e.NotBefore.Round(0).Sub(now.Round(0)))
}

// Early reports whether the entry is not good yet at now.
func (e Entry) Early(now time.Time) bool { return e.Wait(now) > 0 }

// Usable reports whether the entry may be handed out at now.
func (e Entry) Usable(now time.Time) bool { return !e.Early(now) && !e.Spent(now) }

// String shows the lifetime and the size, not the data.
func (e Entry) String() string {
	return fmt.Sprintf("entry of %d bytes, created %s, expires %s",
		len(e.Data), e.Created.Format(time.RFC3339), e.Expires.Format(time.RFC3339))
}

// GoString is String.
func (e Entry) GoString() string { return e.String() }

// Format writes String under every verb and flag.
func (e Entry) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// LogValue is a group of the size and the lifetime.
func (e Entry) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("bytes", len(e.Data)),
		slog.Time("created", e.Created), slog.Time("expires", e.Expires))
}

// MarshalText is String.
func (e Entry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// MarshalJSON is an object of the size and the lifetime.
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Bytes   int       `json:"bytes"`
		Created time.Time `json:"created"`
		Expires time.Time `json:"expires"`
	}{len(e.Data), e.Created, e.Expires})
}
