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
// so that others can go on looking for problems. A Token or a Function with a
// problem of its own is left out of it; the Path of the others still counts
// from the file. The problems are in the order of the file.
func Read(file string, o ReadOptions) (*Config, Problems) {
	data, err := readText(file)
	if err != nil {
		cfg := &Config{File: file, problem: newSource(file, "").problem}
		cfg.watched = absolute(file)
		return cfg, Problems{{File: file, Message: "cannot read the file: " + err.Error()}}
	}
	return Parse(file, []byte(data), o)
}

// Parse is [Read] from memory. The name stands for the file in problems, and
// its directory is where relative paths begin.
func Parse(name string, data []byte, o ReadOptions) (*Config, Problems) {
	src := newSource(name, string(data))
	d := &decoder{
		src:      src,
		expander: newExpander(name, o),
		cfg: &Config{
			File: name, Listen: defaultListen, State: defaultState,
			Egress: Egress{Default: Deny}, Limits: DefaultLimits(), problem: src.problem,
		},
	}
	if len(data) > maxFile {
		d.add(src.at(place{}, "", "the file is larger than 1 MiB", ""))
	} else if root := d.parse(); root != nil {
		document.decode(d, root, d.cfg)
		d.check(root)
	}
	d.finish()
	return d.cfg, d.problems.Sort()
}

// check looks at what sections say about each other.
func (d *decoder) check(root *node) {
	d.checkUnique()
	d.checkTokens()
	d.checkCaches()
	d.checkClients()
	d.checkFilling()
	for _, f := range d.functions {
		d.checkFixed(f)
	}
	if c := root.member("clients"); c == nil || c.kind == list && len(c.items) == 0 {
		d.checkLoopback()
	}
}

// checkLoopback keeps a data plane that asks for no key on the machine.
func (d *decoder) checkLoopback() {
	host, port, err := net.SplitHostPort(d.cfg.Listen)
	if err == nil && !isLoopback(host) {
		d.elsewhere("listen", "without clients egret accepts only a loopback address", "write 127.0.0.1:"+port+", or add clients")
	}
}

// finish moves the sound entries into the configuration.
func (d *decoder) finish() {
	cfg := d.cfg
	for _, c := range d.clients {
		cfg.Clients = append(cfg.Clients, c.Client)
	}
	for _, t := range d.tokens {
		if c := d.cache(t.Cache); c != nil && !d.reported(t.Path) {
			t.Digest = d.digest(t.node, c.entry())
			cfg.Tokens = append(cfg.Tokens, t.Token)
		}
	}
	for _, f := range d.functions {
		if !d.reported(f.Path) {
			f.Digest = d.digest(f.node)
			cfg.Functions = append(cfg.Functions, f.Function)
		}
	}
	if state, err := stateDirectory(cfg.File, cfg.State); err == nil {
		cfg.State = state
	} else {
		d.elsewhere("state", "cannot find the directory: "+err.Error(), "")
	}
	cfg.watched = append(absolute(cfg.File), d.expander.watched...)
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

// Problem makes a problem of the place where path stands in the file. When the
// file has nothing at path, the place is that of the nearest parent.
func (c *Config) Problem(path, message, hint string) Problem {
	if c.problem == nil {
		return Problem{File: c.File, Path: path, Message: message, Hint: hint}
	}
	return c.problem(path, message, hint)
}

// Watched lists the files that the configuration was read from, as absolute
// paths: itself, and every ${file:…}, whether it is there or not. A change of
// any of them is worth a reload.
func (c *Config) Watched() []string { return slices.Clone(c.watched) }
