package configs

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Bounds on what a file may include.
const (
	maxIncluded      = 1000
	maxIncludedBytes = 64 << 20 // in all
)

// An includer finds the files that the main one includes.
type includer struct {
	*decoder
	from  map[string]string // absolute path of a file, to the path that included it
	found []included
	bytes int  // of all of them
	full  bool // there are too many
}

// An included is a file that is included, and its text.
type included struct{ file, text string }

// include reads the files that are named at the top of the main file. It comes
// before all else, because sections go on from one file to the next.
func (d *decoder) include(root *node) {
	n := root.member("include")
	if n == nil || n.kind == nothing {
		return // A key without a value is reported where sections are read.
	}
	in := includer{decoder: d, from: map[string]string{}}
	for _, main := range absolute(d.cfg.File) {
		in.from[main] = root.path
	}
	if n.kind == list && len(n.items) > maxIncluded {
		d.problem(n, fmt.Sprintf("more than %d files are included", maxIncluded), "")
		d.partial = true
		return
	}
	d.each(n, in.pattern)
	if !in.full { // What nobody will use need not be understood.
		d.readIncluded(in.found)
	}
}

// readIncluded makes the texts the next sources. Most of the work on a large
// configuration is done here, on every processor.
func (d *decoder) readIncluded(all []included) {
	sources, problems := make(sources, len(all)), make([]Problems, len(all))
	var work sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, one := range all {
		free <- struct{}{}
		work.Go(func() {
			sources[i] = newSource(one.file, one.text, i+1)
			problems[i] = sources[i].parse()
			<-free
		})
	}
	work.Wait()
	for i, src := range sources {
		d.addSource(src, problems[i])
		if src.root != nil && src.root.member("include") != nil {
			d.elsewhere(below(src.root.path, "include"), "an included file cannot include others", "name them in "+filepath.Base(d.cfg.File))
		}
	}
}

// pattern includes the files that one element of the list means.
func (in *includer) pattern(n *node) {
	written, ok := in.plain(n)
	if !ok || in.full {
		return
	}
	if why := badPattern(written); why != "" {
		in.problem(n, why, "write a path, or a pattern such as conf.d/*.yaml")
		return
	}
	directory := filepath.Dir(in.cfg.File)
	if filepath.IsAbs(written) {
		directory = ""
	}
	in.watch(directory, written) // before it is searched
	g := glob{most: maxIncluded + 1}
	g.search(directory, written)
	switch {
	case g.err != nil:
		in.partial = true
		in.problem(n, g.err.Error(), "")
	case len(g.found) == 0 && hasMeta(written):
		in.warn(n.path, "no file matches "+written, "")
	case len(g.found) == 0:
		in.file(n, filepath.Join(directory, unescaped(written))) // It says why it cannot be read.
	}
	for _, file := range g.found {
		if !in.full {
			in.file(n, file)
		}
	}
}

// watch notes a pattern, so that a file that comes later is noticed.
func (in *includer) watch(directory, written string) {
	if hasMeta(written) {
		for _, base := range absolute(directory) {
			in.expander.watch(filepath.Join(escaped(base), written))
		}
	}
}

// file includes one file.
func (in *includer) file(n *node, file string) {
	for _, path := range absolute(file) {
		if first, ok := in.from[path]; ok {
			message := file + " is included already, by " + first
			if first == "" {
				message = file + " cannot include itself"
			}
			in.problem(n, message, "")
			return
		}
		in.from[path] = n.path
	}
	text, err := in.expander.file(file)
	if err != nil {
		in.partial = true
		in.problem(n, err.Error(), "")
		return
	}
	in.found, in.bytes = append(in.found, included{file, text}), in.bytes+len(text)
	message := ""
	switch {
	case len(in.found) > maxIncluded:
		message = fmt.Sprintf("more than %d files are included", maxIncluded)
	case in.bytes > maxIncludedBytes:
		message = "the included files are larger than " + sizeText(maxIncludedBytes) + " in all"
	}
	if message != "" {
		in.partial, in.full = true, true
		in.problem(n, message, "")
	}
}

// continued are the keys whose lists go on from one file to the next. Every
// other one may stand in one file only.
var continued = []string{
	"include", "clients", "key_stores", "trust_stores", "subjects", "upstreams", "caches", "tokens", "functions", "egress", "egress.allow", "egress.allow_private",
}

// checkOnce looks for keys that stand in more than one file.
func (d *decoder) checkOnce() {
	first := map[string]*node{}
	once := func(root, section *node) {
		if section == nil {
			return
		}
		for _, m := range section.members {
			key := strings.TrimPrefix(m.value.path, root.path)
			if slices.Contains(continued, key) || d.reported(m.value.path) {
				continue
			}
			if before := first[key]; before != nil {
				d.elsewhere(m.value.path, "the key stands already: "+d.sources.show(before.path, m.value.path), "leave one of them out")
				continue
			}
			first[key] = m.value
		}
	}
	for _, root := range d.roots {
		once(root, root)
		once(root, root.member("egress"))
	}
}

// where gives the path of a key at the top of the file that has it, or of the
// main file.
func (d *decoder) where(key string) string {
	for _, root := range d.roots {
		if n := root.member(key); n != nil {
			return n.path
		}
	}
	return key
}
