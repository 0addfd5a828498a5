package tokens

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
)

// jwkCurves are those of RFC 7518 section 6.2.1.1.
var jwkCurves = map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}

// foreignJWKCurves are those of RFC 8037 and RFC 8812, and P-224, that no algorithm uses.
var foreignJWKCurves = map[string]any{
	"secp256k1": foreignCurve("secp256k1"),
	"P-224":     foreignCurve("P-224"),
	"Ed448":     foreign("an Ed448 key"),
	"X25519":    foreign("an X25519 key"),
	"X448":      foreign("an X448 key"),
}

// mostRSA bounds the work of an RSA key, in bits.
const mostRSA = 16384

// ec reads RFC 7518 section 6.2.
func (j *jwk) ec() (any, *Error) {
	if known, ok := foreignJWKCurves[j.Curve]; ok {
		return known, nil
	}
	curve, ok := jwkCurves[j.Curve]
	if !ok {
		return foreign("a key on an unknown curve"), nil
	}
	if j.D == "" {
		return nil, errPublic()
	}
	size := (curve.Params().BitSize + 7) / 8
	x, err := j.octets("x", j.X, size)
	y, more := j.octets("y", j.Y, size)
	d, most := j.octets("d", j.D, size)
	if err := firstOf(err, more, most); err != nil {
		return nil, err
	}
	key, bad := ecdsa.ParseRawPrivateKey(curve, d)
	if bad != nil {
		return nil, errMisfit()
	}
	point, bad := key.PublicKey.Bytes()
	if bad != nil || !bytes.Equal(point[1:], append(x, y...)) {
		return nil, errMisfit()
	}
	return key, nil
}

// okp reads RFC 8037 section 2.
func (j *jwk) okp() (any, *Error) {
	if known, ok := foreignJWKCurves[j.Curve]; ok {
		return known, nil
	}
	if j.Curve != "Ed25519" {
		return foreign("a key on an unknown curve"), nil
	}
	if j.D == "" {
		return nil, errPublic()
	}
	x, err := j.octets("x", j.X, ed25519.PublicKeySize)
	d, more := j.octets("d", j.D, ed25519.SeedSize)
	if err := firstOf(err, more); err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(d)
	if !bytes.Equal(key.Public().(ed25519.PublicKey), x) {
		return nil, errMisfit()
	}
	return key, nil
}

// octets reads a member that is size bytes long.
func (j *jwk) octets(name, text string, size int) ([]byte, *Error) {
	b, ok := base64url(text)
	if !ok || len(b) != size {
		return nil, badMember(name)
	}
	return b, nil
}

// rsa reads RFC 7518 section 6.3: with all of the values for the Chinese
// remainder theorem, or with none of them.
func (j *jwk) rsa() (any, *Error) {
	if j.D == "" && j.N != "" {
		return nil, errPublic()
	}
	if j.Other != nil {
		return nil, &Error{Field: "key", Message: "RSA key has more than two primes", Hint: "oth is not supported"}
	}
	texts := map[string]string{"n": j.N, "e": j.E, "d": j.D}
	if j.P+j.Q+j.DP+j.DQ+j.QI != "" {
		texts["p"], texts["q"], texts["dp"], texts["dq"], texts["qi"] = j.P, j.Q, j.DP, j.DQ, j.QI
	}
	numbers := map[string]*big.Int{}
	for _, name := range []string{"n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		text, wanted := texts[name]
		b, ok := base64url(text)
		if wanted && (!ok || len(b) == 0 || len(b) > mostRSA/8) {
			return nil, badMember(name)
		}
		numbers[name] = new(big.Int).SetBytes(b)
	}
	return rsaOf(numbers, texts["p"] != "")
}

// rsaOf makes a key of its numbers. Those that the others determine are
// compared; primes that are not there are found.
func rsaOf(m map[string]*big.Int, whole bool) (any, *Error) {
	n, e, d := m["n"], m["e"], m["d"]
	if e.BitLen() > 31 || e.Bit(0) == 0 || n.Bit(0) == 0 || d.Cmp(n) >= 0 {
		return nil, errMisfit()
	}
	p, q := m["p"], m["q"]
	if !whole {
		if p = factor(n, e, d); p == nil {
			return nil, errMisfit()
		}
		q = new(big.Int).Div(n, p)
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	if n.BitLen() < leastRSA {
		return key, nil // to be refused for its size
	}
	if key.Validate() != nil {
		return nil, errMisfit()
	}
	key.Precompute()
	c := key.Precomputed
	if whole && (c.Dp == nil || c.Dp.Cmp(m["dp"]) != 0 || c.Dq.Cmp(m["dq"]) != 0 || c.Qinv.Cmp(m["qi"]) != 0) {
		return nil, errMisfit()
	}
	return key, nil
}

// factor finds a prime of n, as NIST SP 800-56B appendix C.1 does: a square
// root of 1 that is neither 1 nor -1 gives it away. It is nil when e and d are
// not those of n, which the first power shows: of a large n, each takes seconds.
func factor(n, e, d *big.Int) *big.Int {
	one := big.NewInt(1)
	minusOne := new(big.Int).Sub(n, one)
	k := new(big.Int).Mul(d, e)
	k.Sub(k, one)
	if k.Sign() <= 0 || k.Bit(0) == 1 {
		return nil
	}
	twos := k.TrailingZeroBits()
	k.Rsh(k, twos)
	for g := int64(2); g < 50; g++ {
		x := new(big.Int).Exp(big.NewInt(g), k, n)
		for range twos {
			if x.Cmp(one) == 0 || x.Cmp(minusOne) == 0 {
				break
			}
			y := new(big.Int).Mul(x, x)
			if y.Mod(y, n).Cmp(one) == 0 {
				return y.GCD(nil, nil, x.Sub(x, one), n)
			}
			x = y
		}
		if x.Cmp(one) != 0 && x.Cmp(minusOne) != 0 {
			return nil
		}
	}
	return nil
}

func firstOf(errs ...*Error) *Error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
