package tokens

import "errors"

const (
	// keyWork is what a key may cost to open, in rounds of a hash: Java takes
	// no more of a key store either. OpenSSL writes 2,048.
	keyWork = 5_000_000
	// storeWork is what all that is in a key store may cost.
	storeWork = 4 * keyWork
	// scryptMemory is what scrypt may fill, in bytes. OpenSSL writes 16 MiB.
	scryptMemory = 128 << 20
)

// What keeps an encrypted text from being opened.
var (
	errPassword  = errors.New("the password is another one")
	errWork      = errors.New("it asks for too much work")
	errScheme    = errors.New("the encryption is not supported")
	errOld       = errors.New("the encryption is outdated")
	errMalformed = errors.New("it is broken")
)

// work is what may still be spent on deriving keys from passwords. How much a
// password costs is for the file to say, and a hostile file says too much.
type work struct{ left int }

// spend takes n rounds, made of factors that none trusts yet.
func (w *work) spend(factors ...int) error {
	n := 1
	for _, f := range factors {
		if f < 1 {
			return errMalformed
		}
		if f > keyWork/n {
			return errWork
		}
		n *= f
	}
	if n > w.left {
		return errWork
	}
	w.left -= n
	return nil
}
