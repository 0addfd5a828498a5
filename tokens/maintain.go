package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Load reads the files, unless they have been read. It makes no key. The error
// names the file that cannot be used.
func (r *Keyring) Load(ctx context.Context) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.leave()
	return r.load()
}

// Maintain does what is due: it reads the files, makes the next key, and drops
// those that nobody needs any more. When it fails, the keys that there are go on
// as before.
func (r *Keyring) Maintain(ctx context.Context) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.leave()
	if err := r.load(); err != nil {
		return err
	}
	for {
		err := r.step()
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		// Another process was faster. What it has written is further on.
		if doc, problem := r.reread(); doc == nil {
			return cmp.Or(problem, err)
		}
	}
}

func (r *Keyring) take(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("cannot wait for the keys of token id=%q: %w", r.name.TokenID, ctx.Err())
	}
}

func (r *Keyring) leave() { <-r.turn }

// load reads the files for the first time.
func (r *Keyring) load() error {
	if r.keys.Load() != nil {
		return nil
	}
	doc, err := r.reread()
	if err != nil {
		return err
	}
	switch {
	case doc == nil:
		r.keys.Store(&[]*ringKey{})
	case doc.open:
		r.log.Warn("others than the owner can read signing keys", "file", r.store.file(r.version))
	}
	return nil
}

// reread takes over what another process has written since the files were read.
// It gives nil when there is nothing new.
func (r *Keyring) reread() (*ringDoc, error) {
	doc, err := r.store.read(r.version)
	if doc == nil || err != nil {
		return nil, err
	}
	r.version = doc.version
	r.told.Store(int64(doc.hold))
	r.publish(r.policy.Load().adopt(r.list(), doc.keys, r.now()))
	return doc, nil
}

func (r *Keyring) publish(keys []*ringKey) {
	r.keys.Store(&keys)
	r.changed()
}

// step does what is due at once. The error is fs.ErrExist when another process
// did so meanwhile.
func (r *Keyring) step() error {
	policy, keys, now := r.policy.Load(), r.list(), r.now()
	hold := policy.hold()
	switch told := time.Duration(r.told.Load()); {
	case told > hold: // by this process, or by one before it
		r.settled = now.Add(told)
	case told == hold && r.Due(now) > 0:
		return nil
	}
	keys = policy.grow(policy.drop(keys, now), now)
	if policy.makeIn(keys, now) > 0 {
		return r.save(keys, hold)
	}
	key, err := generate(r.algorithm, r.name.Size)
	if err != nil {
		return fmt.Errorf("cannot make a key for token id=%q: %w", r.name.TokenID, err)
	}
	keys = policy.add(keys, key, r.now(), r.settled)
	if err := r.save(keys, hold); err != nil {
		return err
	}
	r.log.Info("signing key made", "token_id", r.name.TokenID, "algorithm", r.name.Algorithm, "signs_from", key.signFrom.UTC().Format(time.RFC3339))
	return nil
}

// save writes keys, and then publishes them.
func (r *Keyring) save(keys []*ringKey, hold time.Duration) error {
	if err := r.store.write(&ringDoc{version: r.version + 1, hold: hold, keys: keys}, r.now()); err != nil {
		return err
	}
	r.version++
	r.told.Store(int64(hold))
	r.publish(keys)
	return nil
}
