package configs

import (
	"net"
	"path/filepath"
	"slices"
)

// ReadOptions say where a configuration takes its environment from.
type ReadOptions struct {
	// Getenv looks a variable up for ${env:NAME}. Nil means os.LookupEnv.
	Getenv func(name string) (string, bool)
	// AllowUnset makes a variable that is not set, and a file of ${file:…} that
	// is not there, no problem. What depends on the text is not checked then,
	// and the configuration can be checked only: its Unset is true.
	AllowUnset bool
}

// Load reads a file and everything that it refers to. The error is [Problems]
// when there is any, and the configuration is then nil.
func Load(file string, o ReadOptions) (*Config, error) {
	cfg, problems := Read(file, o)
	if len(problems) > 0 {
		return nil, problems
	}
	return cfg, nil
}

// Read reads a file like [Load], and always returns what could be understood,
// so that others can go on looking for problems. A Token, a Function or a store with a
// problem of its own is left out of it; the Path of the others still counts
// from the file. The problems are in the order of the file.
func Read(file string, o ReadOptions) (*Config, Problems) {
	seen := newExpander(o)
	seen.watch(file) // before it is read
	data, err := readText(file)
	if err != nil {
		return &Config{File: file, files: []string{file}, watched: seen.watched}, Problems{{File: file, Message: "cannot read the file: " + err.Error()}}
	}
	return parse(file, data, seen)
}

// Parse is [Read] from memory. The name stands for the file in problems, and
// its directory is where relative paths begin.
func Parse(name string, data []byte, o ReadOptions) (*Config, Problems) {
	seen := newExpander(o)
	seen.watch(name)
	return parse(name, string(data), seen)
}

func parse(name, data string, seen *expander) (*Config, Problems) {
	d := &decoder{
		expander: seen,
		looks:    maxLooks,
		cfg: &Config{
			File: name, Listen: Listener{Address: defaultListen}, State: defaultState,
			Egress: Egress{Default: Deny, Intercept: true}, Limits: DefaultLimits(), Journal: Journal{Entries: defaultEntries},
		},
	}
	src := newSource(name, data, 0)
	problems := Problems{src.at(place{}, "", "the file is larger than 1 MiB", "")}
	if len(data) <= maxFile {
		problems = src.parse()
	}
	if d.addSource(src, problems); src.root != nil {
		d.include(src.root)
	}
	for _, root := range d.roots {
		document.decode(d, root, d.cfg)
	}
	d.index()
	if len(d.roots) > 0 && !d.partial {
		d.check()
	}
	d.finish()
	return d.cfg, d.problems.Sort().and(d.more, name, "problems", "")
}

// addSource adds a file and its problems. One without a root could not be
// understood.
func (d *decoder) addSource(src *source, problems Problems) {
	d.sources = append(d.sources, src)
	for _, p := range problems {
		d.add(src.prefix+p.Path, func() Problem { return p })
	}
	d.more += src.more
	if src.root == nil {
		d.partial = true
		return
	}
	d.roots = append(d.roots, src.root)
}

// check looks at what sections say about each other.
func (d *decoder) check() {
	d.checkOnce()
	d.checkUnique()
	d.checkTokens()
	d.checkCredentials()
	d.checkCaches()
	d.checkClients()
	d.checkUpstreams()
	for _, f := range d.functions {
		d.findUses(f)
		d.findNeeds(f)
		d.checkAllowedFrom(f)
	}
	d.checkFilling()
	for _, f := range d.functions {
		d.checkFixed(f)
		d.checkErrors(f)
	}
	if !slices.ContainsFunc(d.roots, hasClients) {
		d.checkLoopback()
	}
	d.checkWarnings()
}

// hasClients reports whether a file has clients, or means to.
func hasClients(root *node) bool {
	c := root.member("clients")
	return c != nil && (c.kind != list || len(c.items) > 0)
}

// checkLoopback keeps a data plane that asks for no key on the machine.
func (d *decoder) checkLoopback() {
	path := d.where("listen")
	for _, root := range d.roots {
		if n := root.member("listen"); n != nil && n.kind == mapping {
			path = below(n.path, "address")
		}
	}
	_, port, err := net.SplitHostPort(d.cfg.Listen.Address)
	if err != nil || d.cfg.Listen.Local() || d.unset[path] {
		return
	}
	d.elsewhere(path, "without clients egret accepts only a loopback address", "write 127.0.0.1:"+port+", or add clients")
}

// finish moves the sound entries into the configuration.
func (d *decoder) finish() {
	cfg := d.cfg
	for _, c := range d.clients {
		cfg.Clients = append(cfg.Clients, c.Client)
	}
	for _, t := range d.tokens {
		if c := d.cache(t.Cache); c != nil && !d.reported(t.Path) && d.soundStores(&t.Token) {
			t.Digest = d.digest(t.node, c.entry(), d.dependsOn(&t.Token))
			cfg.Tokens = append(cfg.Tokens, t.Token)
		}
	}
	for _, f := range d.functions {
		if !d.reported(f.Path) && (f.Cache == "" || d.cache(f.Cache) != nil) {
			f.Digest = d.digest(f.node)
			if f.Credential != nil {
				f.Digest = d.digest(f.node, d.cache(f.Cache).entry())
			}
			cfg.Functions = append(cfg.Functions, f.Function)
		}
	}
	cfg.KeyStores = slices.DeleteFunc(cfg.KeyStores, d.unsound)
	cfg.TrustStores = slices.DeleteFunc(cfg.TrustStores, d.unsound)
	if state, err := stateDirectory(d.sources.of(d.where("state")).file, cfg.State); err == nil {
		cfg.State = state
	} else {
		d.elsewhere(d.where("state"), "cannot find the directory: "+err.Error(), "")
	}
	cfg.watched, cfg.variables = d.expander.watched, d.variables()
	cfg.Warnings, cfg.Unset = d.warnings.Sort().and(d.warned-len(d.warnings), cfg.File, "warnings", warningSeverity), d.unset[""]
	cfg.problem, cfg.files = d.sources.problem, d.sources.names()
}

// absolute gives the absolute path of a file, or nothing when there is no
// working directory.
func absolute(file string) []string {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil
	}
	return []string{path}
}

// Problem makes a problem of the place where path stands. Paths begin with the
// Path of an entry, or are those of the main file. When nothing stands at path,
// the place is that of the nearest parent.
func (c *Config) Problem(path, message, hint string) Problem {
	if c.problem != nil {
		return c.problem(path, message, hint)
	}
	file, inside := splitPath(path)
	p := Problem{File: c.File, Path: inside, Message: message, Hint: hint}
	if file < len(c.files) {
		p.File = c.files[file]
	}
	return p
}

// Shown writes a path, such as the Path of an entry, as people read it: one of an
// included file stands behind the name of that file.
func (c *Config) Shown(path string) string {
	file, inside := splitPath(path)
	if file == 0 || file >= len(c.files) {
		return inside
	}
	return c.files[file] + ": " + inside
}

// Forget drops the texts of the files, which [Config.Problem] needs to say
// where something stands. They are most of what a large configuration holds,
// and have no use once all checks have passed.
func (c *Config) Forget() { c.problem = nil }

// Watched lists what the configuration was read from, as absolute paths:
// itself, every file that it includes and every ${file:…}, whether it is there
// or not, and the patterns of include. A change of any of them is worth a
// reload.
func (c *Config) Watched() []Watched { return slices.Clone(c.watched) }
