package tokens

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// A webKey is a JWK of RFC 7517 that others have made: of one that can be read
// the rest is taken as it is. Its Key may be a [foreign] one or on a
// [foreignCurve]. Of the private key that egret signs with, readJWK wants more.
type webKey struct {
	jose.JSONWebKey
	operations []string // "key_ops", or nil
}

var (
	errNoWebKey    = errors.New("this is no JWK that egret can read")
	errNoWebKeySet = errors.New("this is no JWK Set: an object with a list of keys")
)

// readWebKey reads one JWK. No member may stand in it twice.
func readWebKey(raw []byte) (*webKey, error) {
	if v := jsontext.Value(raw); !v.IsValid() || v.Kind() != '{' {
		return nil, errNoWebKey
	}
	k := &webKey{}
	if err := json.Unmarshal(raw, &k.JSONWebKey); err != nil {
		kind, known := foreignJWKCurves[gjson.GetBytes(raw, "crv").Str]
		if !known {
			return nil, errNoWebKey
		}
		k.Key, k.KeyID = kind, gjson.GetBytes(raw, "kid").Str
	}
	for _, operation := range gjson.GetBytes(raw, "key_ops").Array() {
		k.operations = append(k.operations, operation.String())
	}
	return k, nil
}

// readWebKeySet reads a JWK Set. Keys that it cannot read are left out, as
// RFC 7517 section 5 says.
func readWebKeySet(raw []byte) ([]*webKey, error) {
	if v := jsontext.Value(raw); !v.IsValid() || v.Kind() != '{' {
		return nil, errNoWebKeySet
	}
	list := gjson.GetBytes(raw, "keys")
	if !list.IsArray() {
		return nil, errNoWebKeySet
	}
	var keys []*webKey
	for _, each := range list.Array() {
		if k, err := readWebKey([]byte(each.Raw)); err == nil {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// isFor reports whether the key may be used so: RFC 7517 sections 4.2 and 4.3.
func (k *webKey) isFor(use string, operations ...string) bool {
	if k.Use != "" && k.Use != use {
		return false
	}
	return len(k.operations) == 0 || slices.ContainsFunc(operations, func(o string) bool { return slices.Contains(k.operations, o) })
}
