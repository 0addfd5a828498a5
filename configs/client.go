package configs

// A clientEntry is a client, and what it says about its use of names.
type clientEntry struct {
	Client
	functions, caches *node // nil when left out
}

var client = section[clientEntry]{aClient, []field[clientEntry]{
	{"name", true, func(d *decoder, n *node, c *clientEntry) { c.Name = d.name(n) }},
	{"key", true, func(d *decoder, n *node, c *clientEntry) { c.Key = d.key(n) }},
	{"functions", false, func(d *decoder, n *node, c *clientEntry) {
		c.functions, c.Functions.List = n, d.names(n)
	}},
	{"caches", false, func(d *decoder, n *node, c *clientEntry) {
		c.caches, c.Caches.List = n, d.names(n)
	}},
	{"limits", false, func(d *decoder, n *node, c *clientEntry) { clientQuota.decode(d, n, &c.Limits) }},
}}

func decodeClients(d *decoder, n *node, _ *Config) {
	d.each(n, func(n *node) {
		c := clientEntry{Client: Client{Path: n.path}}
		client.decode(d, n, &c)
		// A section that is there but could not be read opens nothing.
		from := n.member("functions") == nil
		c.Functions.All = from
		c.Caches.All = from && n.member("caches") == nil
		d.clients = append(d.clients, c)
	})
}

// names reads a list of names.
func (d *decoder) names(n *node) []string {
	names := []string{}
	d.each(n, func(n *node) {
		if s := d.name(n); s != "" {
			names = append(names, s)
		}
	})
	return names
}

// checkClients looks for the names that clients may use, and for the clients that
// egress rules name.
func (d *decoder) checkClients() {
	for _, n := range d.ruleClients {
		known(d, n, "client", &d.clientNames)
	}
	for _, c := range d.clients {
		checkNames(d, c.functions, "function", &d.functionNames)
		checkNames(d, c.caches, "cache", &d.caches)
	}
}

func checkNames[T any](d *decoder, n *node, what string, y *directory[T]) {
	if n == nil {
		return
	}
	for _, item := range n.items {
		if item.kind == text && isName(item.text) {
			known(d, item, what, y)
		}
	}
}
