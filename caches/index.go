package caches

import "github.com/egret-proxy/egret/configs"

// An Index finds caches by ID and by name. It never changes, so it may be used
// by many goroutines.
type Index struct {
	ids   map[configs.ID]*configs.Cache
	names map[string]*configs.Cache
	texts map[configs.ID]string
}

// NewIndex indexes list, whose IDs and names are unique. The caches that the
// Index gives out are the elements of list.
func NewIndex(list []configs.Cache) *Index {
	x := &Index{
		ids:   make(map[configs.ID]*configs.Cache, len(list)),
		names: make(map[string]*configs.Cache, len(list)),
		texts: make(map[configs.ID]string, len(list)),
	}
	for i := range list {
		x.ids[list[i].ID] = &list[i]
		x.names[list[i].Name] = &list[i]
		x.texts[list[i].ID] = list[i].ID.String()
	}
	return x
}

// Lookup gives the cache whose ID text is: the 36 characters of RFC 9562 in any
// letter case, and nothing beside them.
func (x *Index) Lookup(text string) (*configs.Cache, bool) { return lookup(x, text) }

// LookupBytes is Lookup of text that is no string yet.
func (x *Index) LookupBytes(text []byte) (*configs.Cache, bool) { return lookup(x, text) }

func lookup[T string | []byte](x *Index, text T) (*configs.Cache, bool) {
	id, ok := configs.ParseID(text)
	if !ok {
		return nil, false
	}
	return x.ByID(id)
}

// ByID gives the cache with this ID.
func (x *Index) ByID(id configs.ID) (*configs.Cache, bool) {
	c, ok := x.ids[id]
	return c, ok
}

// ByName gives the cache of this name.
func (x *Index) ByName(name string) (*configs.Cache, bool) {
	c, ok := x.names[name]
	return c, ok
}

// Text gives the ID of a cache as text, which is not made anew each time.
func (x *Index) Text(id configs.ID) string {
	if text, ok := x.texts[id]; ok {
		return text
	}
	return id.String()
}
