package functions

// quotas are the Limiters of those Functions that have one, by name.
type quotas map[string]quota

// A quota is the Limiter of one Function, as it is defined.
type quota struct {
	limiter *Limiter
	digest  string
}

func quotasOf(functions map[string]*Function) quotas {
	all := quotas{}
	for name, f := range functions {
		if limiter := NewLimiter(f.config.Limits.Quota); limiter != nil {
			all[name] = quota{limiter, f.config.Digest}
		}
	}
	return all
}

// Following gives the same Functions, with the counts of before for those whose
// definition has not changed. Before may be nil.
func (s *Set) Following(before *Set) *Set {
	if before == nil {
		return s
	}
	other := *s
	other.quotas = make(quotas, len(s.quotas))
	for name, own := range s.quotas {
		if known, ok := before.quotas[name]; ok && known.digest == own.digest {
			own = known
		}
		other.quotas[name] = own
	}
	return &other
}

// limiter gives the Limiter of a Function, nil for one without.
func (s *Set) limiter(f *Function) *Limiter {
	if len(s.quotas) == 0 {
		return nil
	}
	return s.quotas[f.config.Name].limiter
}

// limited is what refusals say of the Function's limits.
func (f *Function) limited() Limited {
	return Limited{Scope: OfFunction, Name: f.config.Name, Path: f.config.Path}
}
