package functions

import (
	"context"
	"slices"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// Tokens gives the current value of a cache that holds a credential. An error is
// a [*Refusal].
type Tokens interface {
	Current(ctx context.Context, cache *configs.Cache) (caches.Entry, error)
	// Renew is for a value that an upstream did not accept. It reports whether
	// the cache has another one now: one that it has made for that, or one that
	// was made since used was read.
	Renew(ctx context.Context, cache *configs.Cache, used caches.Entry) (bool, error)
}

// Options are what a Set works with. All of them are needed for calls; none is
// needed to check a configuration.
type Options struct {
	Tokens  Tokens
	Sender  Sender
	Results *Results // outlives a Set: a reload keeps what is stored
	// Stopped is closed when egret gives up what is in flight. Nil is never.
	Stopped <-chan struct{}
	Agent   string // the User-Agent of Functions that give none; "" for none
	// Withholder is told what is stored and withheld from callers; nil for nobody.
	Withholder Withholder
}

// A Set is the Functions of one configuration, ready to be called. It is safe
// for concurrent use and never changes.
type Set struct {
	functions map[string]*Function
	names     []string // sorted
	index     *caches.Index
	fillers   map[string]*Function // by the name of the output cache it can fill alone
	limits    configs.Limits
	shown     func(path string) string // how people read a path of the configuration
	withheld  map[string]*withheld     // of output caches, by name
	quotas    quotas
	options   Options
}

// New compiles the Functions of cfg. Its error is [configs.Problems], with
// every Function that cannot be compiled.
func New(cfg *configs.Config, options Options) (*Set, error) {
	set := &Set{
		functions: make(map[string]*Function, len(cfg.Functions)),
		index:     caches.NewIndex(cfg.Caches),
		limits:    cfg.Limits.WithDefaults(),
		shown:     cfg.Shown,
		options:   options,
	}
	var problems configs.Problems
	for i := range cfg.Functions {
		function, found := compile(cfg, &cfg.Functions[i], set.index)
		if found != nil {
			problems = append(problems, found...)
			continue
		}
		set.functions[function.Name()] = function
		set.names = append(set.names, function.Name())
	}
	if problems != nil {
		return nil, problems.Sort()
	}
	slices.Sort(set.names)
	set.fillers, set.withheld = fillers(set.functions), withheldOf(set.functions)
	set.quotas = quotasOf(set.functions)
	return set, nil
}

// With gives the same Functions, which are not compiled again, with other
// options.
func (s *Set) With(options Options) *Set {
	other := *s
	other.options = options
	return &other
}

// fillers finds, for each output cache, the one Function that can fill it
// without being told anything. A cache that two Functions fill has none: which
// of them was meant would be a guess.
func fillers(functions map[string]*Function) map[string]*Function {
	byCache := map[string][]*Function{}
	for _, f := range functions {
		if f.output != nil && !f.output.Credential {
			byCache[f.output.Name] = append(byCache[f.output.Name], f)
		}
	}
	alone := map[string]*Function{}
	for name, list := range byCache {
		if len(list) == 1 && list[0].needsNothing {
			alone[name] = list[0]
		}
	}
	return alone
}

// find gives a Function that client may call.
func (s *Set) find(name string, client *configs.Client) (*Function, error) {
	function, ok := s.functions[name]
	if !ok {
		return nil, Refuse(UnknownFunction, "there is no Function of this name")
	}
	if client != nil && !client.Functions.Has(name) {
		return nil, Refuse(FunctionDenied, "client "+client.Name+" may not call Function "+name).By(client.Path + ".functions")
	}
	if function.config.Credential != nil {
		return nil, Refuse(FunctionDenied, "Function "+name+" gets the credential of cache "+function.config.Cache+", so egret alone calls it").By(function.config.Path + ".credential")
	}
	return function, nil
}

// List describes the Functions that client may call, by name. A nil client
// may call all.
func (s *Set) List(client *configs.Client) []Description {
	list := []Description{}
	for _, name := range s.names {
		if function, err := s.find(name, client); err == nil {
			list = append(list, function.describe())
		}
	}
	return list
}

// Describe describes one Function. Its error is a [*Refusal].
func (s *Set) Describe(name string, client *configs.Client) (Description, error) {
	function, err := s.find(name, client)
	if err != nil {
		return Description{}, err
	}
	return function.describe(), nil
}

// Timeout is the time that a Function may take, 0 when there is none of this
// name.
func (s *Set) Timeout(name string) time.Duration {
	if function, ok := s.functions[name]; ok {
		return function.config.Timeout
	}
	return 0
}
