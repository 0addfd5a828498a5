package tokens

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A ringDoc is what a [Keyring] keeps in a file. Its times are those of the wall
// clock.
type ringDoc struct {
	version int           // in the name of the file: each change makes another file
	hold    time.Duration // how long verifiers were told to keep the public keys
	keys    []*ringKey    // oldest first
	open    bool          // others than the owner can read it
}

// ringFormat is the format of the file. Another one is not understood.
const ringFormat = 1

// A ringText is a ringDoc as JSON.
type ringText struct {
	Format    int           `json:"format"`
	TokenID   string        `json:"token_id"`
	Algorithm string        `json:"algorithm"`
	Size      int           `json:"size,omitempty"`
	Hold      string        `json:"hold"`
	Keys      []ringKeyText `json:"keys"`
}

// A ringKeyText is a ringKey as JSON.
type ringKeyText struct {
	Created   time.Time       `json:"created"`
	SignsFrom time.Time       `json:"signs_from"`
	Life      string          `json:"life"`
	JWK       jose.JSONWebKey `json:"jwk"` // with the private members
}

// encode gives the text of a file. now is when its times are told.
func (d *ringDoc) encode(name RingName, now time.Time) ([]byte, error) {
	text := ringText{Format: ringFormat, TokenID: name.TokenID, Algorithm: name.Algorithm, Size: name.Size, Hold: d.hold.String()}
	// A time that was set before a step of the wall clock has to be told anew.
	wall := func(t time.Time) time.Time { return now.Add(t.Sub(now)).Round(0).UTC() }
	for _, k := range d.keys {
		text.Keys = append(text.Keys, ringKeyText{
			Created: wall(k.created), SignsFrom: wall(k.signFrom), Life: k.life.String(),
			JWK: jose.JSONWebKey{Key: k.private, KeyID: thumbprint(k.private.Public()), Algorithm: name.Algorithm, Use: "sig"},
		})
	}
	return json.MarshalIndent(text, "", "  ")
}

// decodeRing reads the text of a file. Its error holds nothing of a key.
func decodeRing(name RingName, text []byte) (*ringDoc, error) {
	var t ringText
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&t) != nil {
		return nil, errors.New("it is no JSON of such keys") // the decoder's own words may quote a key
	}
	a, problem := findAlgorithm(name.Algorithm)
	_, end := decoder.Token()
	switch {
	case problem != nil:
		return nil, problem
	case !errors.Is(end, io.EOF):
		return nil, errors.New("there is something behind the JSON")
	case t.Format != ringFormat:
		return nil, fmt.Errorf("its format is %d, this egret knows %d", t.Format, ringFormat)
	case RingName{t.TokenID, t.Algorithm, t.Size} != name:
		return nil, errors.New("its keys are those of another token, algorithm or size")
	case len(t.Keys) == 0:
		return nil, errors.New("there is no key in it")
	}
	d := &ringDoc{}
	var err error
	if d.hold, err = readSpan(t.Hold); err != nil {
		return nil, fmt.Errorf("hold %w", err)
	}
	for i := range t.Keys {
		k, err := t.Keys[i].read(a, name.Size)
		if err == nil && i > 0 && k.signFrom.Before(d.keys[i-1].signFrom) {
			err = errors.New("signs before the one before it")
		}
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		d.keys = append(d.keys, k)
	}
	return d, nil
}

// readSpan reads a duration that is not negative.
func readSpan(text string) (time.Duration, error) {
	span, err := time.ParseDuration(text)
	if err != nil || span < 0 {
		return 0, errors.New("is no duration")
	}
	return span, nil
}

func (t *ringKeyText) read(a *algorithm, bits int) (*ringKey, error) {
	life, err := readSpan(t.Life)
	if err != nil {
		return nil, fmt.Errorf("has a life that %w", err)
	}
	private, ok := t.JWK.Key.(crypto.Signer)
	if !ok {
		return nil, errors.New("is no private key")
	}
	if err := a.check(private); err != nil {
		return nil, fmt.Errorf("does not fit: %s", err.Message)
	}
	if pair, ok := private.(*rsa.PrivateKey); ok {
		if pair.N.BitLen() != bits {
			return nil, fmt.Errorf("has %d bits, not %d", pair.N.BitLen(), bits)
		}
		// What the file says of the primes is computed again instead.
		pair.Precomputed = rsa.PrecomputedValues{}
		pair.Precompute()
	}
	if t.SignsFrom.Before(t.Created) {
		return nil, errors.New("signs before it was made")
	}
	if !isPair(a, private) {
		return nil, errors.New("has halves that do not belong together")
	}
	return &ringKey{private: private, created: t.Created, signFrom: t.SignsFrom, life: life}, nil
}

// isPair reports whether what a key signs is verified by its public half. Of an
// RSA key that is known when it has been read.
func isPair(a *algorithm, private crypto.Signer) bool {
	if a.family == familyRSA {
		return true
	}
	const text = "egret"
	sig, err := a.method.Sign(text, private)
	return err == nil && a.method.Verify(text, sig, private.Public()) == nil
}
