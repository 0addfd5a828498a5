package functions

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A Withholder is told what an output cache holds that no caller may see, so that
// it is replaced when it comes back in an answer to anybody.
type Withholder interface {
	// Withhold is told one text, and how long it is stored. The same text of the
	// same call has the same key. It is called by many goroutines.
	Withhold(cache *configs.Cache, key string, text caches.Entry)
}

// secretly gives the cache that keeps what the Function withholds from its
// callers, nil when that is nothing.
func (f *Function) secretly() *configs.Cache {
	if f.config.Credential != nil || f.config.Output.Hide || len(f.config.Output.Mask) > 0 {
		return f.output
	}
	return nil
}

// maxWithheld is how many texts of one answer are told, the longest: they are the
// least likely to be ordinary words.
const maxWithheld = 64

// withhold tells what is withheld of the current answer, which is stored as entry.
func (s *Set) withhold(p *prepared, entry caches.Entry) {
	if s.options.Withholder == nil || p.function.output == nil {
		return
	}
	w := s.withheld[p.function.output.Name]
	if w == nil {
		return
	}
	output := p.current.output(p.function.config.Method)
	list := w.appendHidden(nil, gjson.ParseBytes(output), nil, "")
	slices.SortFunc(list, func(a, b Hidden) int {
		return cmp.Or(b.Value.Len()-a.Value.Len(), cmp.Compare(a.Value.Reveal(), b.Value.Reveal()))
	})
	list = slices.CompactFunc(list, func(a, b Hidden) bool { return a.Value.Reveal() == b.Value.Reveal() })
	now := time.Now()
	for i, hidden := range list[:min(len(list), maxWithheld)] {
		// A text of its own: that of the whole answer need not live as long.
		text := configs.NewSecret(strings.Clone(hidden.Value.Reveal()))
		s.options.Withholder.Withhold(p.function.output, p.key+"/"+strconv.Itoa(i), caches.NewEntry(text, now, entry.Expires))
	}
}
