package tokens_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

func wantEarly(t *testing.T, r *tokens.Refresher, p *tap, from time.Time) {
	t.Helper()
	_, err := r.Get(t.Context(), p.id, "")
	var early *tokens.EarlyError
	if !errors.Is(err, tokens.ErrUnavailable) || !errors.As(err, &early) || !early.From.Equal(from) {
		t.Errorf("Get = %v, want ErrUnavailable and an EarlyError with %s", err, from)
	}
}

// TestEarlyAtTheStart: before the first value is good there is nothing to hand
// out, and nothing is gained by making another one.
func TestEarlyAtTheStart(t *testing.T) {
	for name, running := range map[string]bool{"with Run": true, "without Run": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", 90*time.Second)
				p.early = 20 * time.Second
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
				r.Set([]tokens.Source{p.source("")})
				if running {
					defer run(t, r)()
				}
				start := time.Now()
				for time.Since(start) < 20*time.Second {
					wantEarly(t, r, p, start.Add(20*time.Second))
					synctest.Wait()
					if s := r.Status()[0]; !r.Tried() || r.Warm() || s.Usable(time.Now()) || s.Failures > 0 {
						t.Errorf("Tried, Warm = %t, %t, Status = %+v, want Tried alone", r.Tried(), r.Warm(), s)
					}
					pass(time.Second)
				}
				wantGet(t, r, p, "acme 1")
				if s := r.Status()[0]; !r.Warm() || !s.Usable(time.Now()) {
					t.Errorf("Warm = %t, Status = %+v, want it warm when the value has become good", r.Warm(), s)
				}
				if n := len(p.made()); n != 1 {
					t.Errorf("%d makings, want 1", n)
				}
			})
		})
	}
}

// TestEarlyNeverLeavesAGap: from the first value that is good on there always is
// one, the old one until the very moment at which the new one is good.
func TestEarlyNeverLeavesAGap(t *testing.T) {
	const ttl = 90 * time.Second // of which 85s can be used
	for early, c := range map[time.Duration]struct{ least, most time.Duration }{
		1 * time.Second:  {53 * time.Second, 59 * time.Second},
		30 * time.Second: {24 * time.Second, 30 * time.Second},
		45 * time.Second: {13 * time.Second, 15 * time.Second}, // a third of what can be used
		60 * time.Second: {8 * time.Second, 9 * time.Second},
		84 * time.Second: {900 * time.Millisecond, 900 * time.Millisecond}, // a hundredth of the life
	} {
		t.Run(early.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", ttl)
				p.early = early
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) {
					if a.Late || a.Err != nil {
						t.Errorf("late %t, error %v, want neither", a.Late, a.Err)
					}
				}})
				r.Set([]tokens.Source{p.source("")})
				defer run(t, r)()
				pass(early)
				for range 4000 {
					synctest.Wait()
					now, makes := time.Now(), p.made()
					e, err := r.Get(t.Context(), p.id, "")
					if err != nil || !e.Usable(now) {
						t.Fatalf("Get = %v, %v, want a usable value", e, err)
					}
					good := 0
					for _, made := range makes {
						if !made.Add(early).After(now) {
							good++
						}
					}
					if want := fmt.Sprint("acme ", good); string(e.Data) != want {
						t.Fatalf("Get = %q, want %q: the newest one that is good", e.Data, want)
					}
					if s := r.Status()[0]; !r.Warm() || !s.Usable(now) || !s.Created.Equal(e.Created) {
						t.Fatalf("Warm = %t, Status = %+v, want that of the current value, made %s", r.Warm(), s, e.Created)
					}
					pass(100 * time.Millisecond)
				}
				makes := p.made()
				for i := range makes[1:] {
					if wait := makes[i+1].Sub(makes[i]); wait < c.least || wait > c.most {
						t.Errorf("making %d came %s after the one before, want %s to %s", i+1, wait, c.least, c.most)
					}
				}
			})
		})
	}
}

// TestEarlyToken keeps a real Token fresh. A verifier whose clock is right takes
// each one that is handed out.
func TestEarlyToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ttl, offset = 90 * time.Second, 30 * time.Second
		token := newToken(t, configs.Token{
			Name: "acme", Algorithm: "HS256", KeyType: "Secret", Key: configs.NewSecret(text64),
			Times: configs.Times{HasNotBefore: true, NotBefore: offset},
		}, ttl)
		id := configs.DefaultID("acme")
		pass(300 * time.Millisecond) // the times in a token are whole seconds
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{{ID: id, Name: "acme", TTL: ttl, Make: func(ctx context.Context) (caches.Entry, error) {
			m, err := token.Make(ctx, time.Now())
			return m.Entry(), err
		}}})
		defer run(t, r)()
		pass(offset)
		handed := map[string]bool{}
		for range 3000 {
			now := time.Now()
			e, err := r.Get(t.Context(), id, "")
			if err != nil {
				t.Fatalf("Get = %v, want a value", err)
			}
			handed[string(e.Data)] = true
			claims := gjson.ParseBytes(must(base64.RawURLEncoding.DecodeString(strings.Split(string(e.Data), ".")[1])))
			if nbf, exp := claims.Get("nbf").Int(), claims.Get("exp").Int(); nbf > now.Unix() || exp <= now.Unix() || nbf-claims.Get("iat").Int() != 30 {
				t.Fatalf("at %d a token is handed out that says %s", now.Unix(), claims.Raw)
			}
			pass(200 * time.Millisecond)
		}
		if n := len(handed); n < 18 || n > 26 {
			t.Errorf("%d tokens were handed out in 600s, want one for each 24s to 30s", n)
		}
	})
}

// TestEarlyIsLate: a new value that is good only after the old one has ended is
// late, once; and it is tried for again soon enough not to be.
func TestEarlyIsLate(t *testing.T) {
	for outage, want := range map[time.Duration]int{10 * time.Second: 0, 28 * time.Second: 0, 50 * time.Second: 1, 5 * time.Minute: 1} {
		t.Run(outage.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", 90*time.Second)
				p.early = 20 * time.Second // so the next one is made after 34s to 40s, and must be after 65s
				late := 0
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) {
					if a.Late {
						late++
					}
				}})
				r.Set([]tokens.Source{p.source("")})
				defer run(t, r)()
				pass(34 * time.Second)
				p.fail(errors.New("down"))
				pass(outage)
				p.heal()
				pass(10 * time.Minute)
				synctest.Wait()
				if late != want {
					t.Errorf("%d values were late, want %d", late, want)
				}
			})
		})
	}
}

// TestEarlyIsLateByItsOwnTime: what counts is when the new value is good, not
// when it was made.
func TestEarlyIsLateByItsOwnTime(t *testing.T) {
	for after, want := range map[time.Duration]bool{65 * time.Second: false, 66 * time.Second: true, 86 * time.Second: true} {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newTap("acme", 90*time.Second)
				p.early = 20 * time.Second
				var late bool
				r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) { late = a.Late }})
				r.Set([]tokens.Source{p.source("")})
				r.Refresh(t.Context(), p.id, "")
				pass(after)
				r.Refresh(t.Context(), p.id, "")
				if late != want {
					t.Errorf("late: %t, want %t: the old value can be used for 85s", late, want)
				}
			})
		})
	}
}

// TestEarlyForever: a value that ends before it is good is no value.
func TestEarlyForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", 90*time.Second)
		p.early = 86 * time.Second
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		wantUnavailable(t, r, p)
		if s := r.Status()[0]; s.Failures != 1 {
			t.Errorf("%d failures, want 1", s.Failures)
		}
	})
}

// TestEarlyComesBack: a source that is taken out and put in again goes on with
// the newest value, though that is not good yet.
func TestEarlyComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", 90*time.Second)
		p.early = 20 * time.Second
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		sources := []tokens.Source{p.source("")}
		r.Set(sources)
		defer run(t, r)()
		pass(41 * time.Second) // the second one is there
		r.Set(nil)
		pass(time.Second)
		r.Set(sources)
		synctest.Wait()
		wantGet(t, r, p, "acme 1")
		if n := len(p.made()); n != 2 {
			t.Errorf("%d makings, want 2", n)
		}
		pass(20 * time.Second)
		wantGet(t, r, p, "acme 2")
	})
}

// TestEarlyAfterAClockStep: when the wall clock is set back, a value that was
// good would not be so for an hour. A new one is good sooner.
func TestEarlyAfterAClockStep(t *testing.T) {
	p := newTap("acme", 10*time.Hour)
	p.early = time.Millisecond
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{p.source("")})
	defer run(t, r)()
	await(t, "the first value is good", r.Warm)
	look := r.Looks()
	look(stepped(time.Now(), time.Hour))
	if n := len(p.made()); n != 1 {
		t.Errorf("%d makings after the clock was set forward, want 1: nothing was lost", n)
	}
	look(stepped(time.Now(), -time.Hour))
	await(t, "another one is made", func() bool { return len(p.made()) == 2 })
}

// TestEarlyWhenTheClockIsSetForward: another value would not be good sooner than
// the one that there is.
func TestEarlyWhenTheClockIsSetForward(t *testing.T) {
	p := newTap("acme", 10*time.Hour)
	p.early = time.Hour
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{p.source("")})
	r.Refresh(t.Context(), p.id, "")
	look := r.Looks()
	look(stepped(time.Now(), 30*time.Minute))
	if due := time.Until(r.Status()[0].NextRefresh); due < 4*time.Hour {
		t.Errorf("due in %s, want 5h to 5h40m: nothing was lost", due)
	}
	look(stepped(time.Now(), 20*time.Hour))
	if due := time.Until(r.Status()[0].NextRefresh); due > time.Minute {
		t.Errorf("due in %s, want at once: the value is lost", due)
	}
}

// TestMinAge: of very many that are made at once at the start, none is replaced
// before it is old enough, though they would be to keep them apart.
func TestMinAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const least = 38 * time.Minute // of a life of 60
		start := time.Now()
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) {
			if age := time.Since(start); age > 0 && age < least || age > 40*time.Minute || a.Late || a.Err != nil {
				t.Errorf("%s: made again after %s, late %t, error %v, want after 38m to 40m", a.Name, age, a.Late, a.Err)
			}
		}})
		sources := crowd(10_000, time.Hour, 0)
		for i := range sources {
			sources[i].MinAge = least
		}
		r.Set(sources)
		defer run(t, r)()
		pass(40*time.Minute + time.Second)
	})
}

// TestMinAgeOfWhatIsLost: a value that cannot be used any more is replaced,
// however young it is, and a younger one that still can be used is not.
func TestMinAgeOfWhatIsLost(t *testing.T) {
	p := newTap("acme", time.Hour)
	s := p.source("")
	s.MinAge = 30 * time.Minute
	r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	r.Set([]tokens.Source{s})
	defer run(t, r)()
	await(t, "the first one is made", r.Warm)
	look := r.Looks()
	look(stepped(time.Now(), 50*time.Minute))
	if due := time.Until(r.Status()[0].NextRefresh); due < 30*time.Minute || len(p.made()) != 1 {
		t.Errorf("due in %s after %d makings, want 30m and more after 1", due, len(p.made()))
	}
	look(stepped(time.Now(), 2*time.Hour))
	await(t, "another one is made", func() bool { return len(p.made()) == 2 })
}

// TestMinAgeTooLong: a least age beyond the life leaves nobody without a value.
func TestMinAgeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", time.Minute)
		s := p.source("")
		s.MinAge = time.Hour
		made := 0
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{Observe: func(a tokens.Attempt) {
			if made++; a.Late || a.Err != nil {
				t.Errorf("late %t, error %v, want neither", a.Late, a.Err)
			}
		}})
		r.Set([]tokens.Source{s})
		defer run(t, r)()
		pass(1000 * time.Second)
		synctest.Wait()
		if made != 19 {
			t.Errorf("%d makings in 1000s, want one for each 55s", made)
		}
	})
}

// TestEarlyOnTheSpot: who waits for a making whose value is not good yet is told
// so, and gives up with its context as ever.
func TestEarlyOnTheSpot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTap("acme", 90*time.Second)
		p.early, p.slow = 20*time.Second, 5*time.Second
		r := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
		r.Set([]tokens.Source{p.source("")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Get(ctx, p.id, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get = %v, want the deadline of the caller", err)
		}
		start := time.Now()
		wantEarly(t, r, p, start.Add(19*time.Second))
		if took := time.Since(start); took != 4*time.Second {
			t.Errorf("Get took %s, want 4s: the rest of the making", took)
		}
		pass(15 * time.Second)
		wantGet(t, r, p, "acme 1")
	})
}
