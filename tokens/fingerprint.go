package tokens

import (
	"bytes"
	"crypto"
	"encoding/base64"

	"github.com/go-json-experiment/json/jsontext"
)

// fingerprintWord stands in claims for the fingerprint of the key. Behind a
// backslash it is the word itself.
const fingerprintWord = "{fingerprint}"

// fingerprint is the SHA-256 of a public key's SubjectPublicKeyInfo as Snowflake
// and others write it: base64 of RFC 4648 section 4. JSON needs no escapes for
// it.
func fingerprint(public crypto.PublicKey) string {
	sum := spkiSum(public)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// cutFingerprints takes fingerprintWord out of the strings in a JSON text, whose
// names it leaves alone, and gives the places where it stood. The text has no
// white space between its tokens; it may be open at its end.
func cutFingerprints(text []byte) (cut []byte, gaps []int) {
	for len(text) > 0 {
		start := bytes.IndexByte(text, '"')
		if start < 0 {
			break
		}
		end := start + stringLength(text[start:])
		cut = append(cut, text[:start]...)
		if isName := end < len(text) && text[end] == ':'; isName {
			cut = append(cut, text[start:end]...)
		} else {
			cut, gaps = cutString(cut, gaps, text[start:end])
		}
		text = text[end:]
	}
	return append(cut, text...), gaps
}

// stringLength is the length of the string that text begins with.
func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// cutString appends a string, with its own escapes where it has no fingerprint.
func cutString(cut []byte, gaps []int, quoted []byte) ([]byte, []int) {
	rest, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil || !bytes.Contains(rest, []byte(fingerprintWord)) {
		return append(cut, quoted...), gaps
	}
	cut = append(cut, '"')
	for {
		before, after, found := bytes.Cut(rest, []byte(fingerprintWord))
		if !found {
			break
		}
		rest = after
		if literal, escaped := bytes.CutSuffix(before, []byte(`\`)); escaped {
			cut = appendEscaped(cut, string(literal)+fingerprintWord)
			continue
		}
		cut = appendEscaped(cut, string(before))
		gaps = append(gaps, len(cut))
	}
	return append(appendEscaped(cut, string(rest)), '"'), gaps
}

// appendEscaped appends what stands between the quotes of a JSON string.
func appendEscaped(b []byte, text string) []byte {
	quoted := quote(text)
	return append(b, quoted[1:len(quoted)-1]...)
}

// fill puts text into the gaps.
func fill(text []byte, gaps []int, word string) []byte {
	filled := make([]byte, 0, len(text)+len(gaps)*len(word))
	end := 0
	for _, gap := range gaps {
		filled = append(append(filled, text[end:gap]...), word...)
		end = gap
	}
	return append(filled, text[end:]...)
}
