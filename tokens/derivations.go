package tokens

import "sync"

// derivations are the keys that passphrases have given: making one takes a
// tenth of a second, and a thousand Tokens may share a passphrase.
type derivations struct {
	mu   sync.Mutex
	keys map[derivation]func() []byte
}

type derivation struct {
	version    byte
	passphrase string
}

// get makes a key when nobody has asked for it before; whoever asks meanwhile
// waits for it.
func (d *derivations) get(version byte, passphrase string) []byte {
	d.mu.Lock()
	if d.keys == nil {
		d.keys = map[derivation]func() []byte{}
	}
	of := derivation{version, passphrase}
	key := d.keys[of]
	if key == nil {
		key = sync.OnceValue(func() []byte { return makeLibertyKey(version, passphrase) })
		d.keys[of] = key
	}
	d.mu.Unlock()
	return key()
}
