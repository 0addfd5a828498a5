package liberty

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// A user is one of the basic registry.
type user struct {
	name   string
	groups []string
	where  string
}

// readRegistry makes subjects of the users of the basic registry. Their
// passwords are not read.
func (im *importer) readRegistry() {
	for _, u := range im.users() {
		if foreign(u.name) {
			im.pass("a user of the basic registry, %s: the name has ${env:…} or ${file:…} in it, which egret would take for a reference", u.where)
			continue
		}
		attributes := []pair{{"uid", yamltext.Quote(u.name)}, {"displayName", yamltext.Quote(u.name)}, {"principalName", yamltext.Quote(u.name)}}
		if len(u.groups) > 0 {
			attributes = append(attributes, pair{"groups", yamltext.FlowList(yamltext.Quoted(u.groups))})
		}
		im.subjects = append(im.subjects, &entry{name: u.name, pairs: []pair{{"name", yamltext.Quote(u.name)}, {"attributes", flow(attributes)}}})
	}
}

// users gives the users of every basicRegistry with their groups. Liberty takes
// none of two with the same name.
func (im *importer) users() []*user {
	var all []*user
	count := map[string]int{}
	for _, registry := range im.merged("basicRegistry", "") {
		for _, c := range registry.children {
			name := im.fixed(c, "name", "")
			if c.name != "user" || name == "" {
				continue
			}
			if count[name]++; count[name] > 1 {
				im.pass("user %s, %s: the registry has it more than once, and Liberty then takes none", yamltext.Safe(name), c.where())
				continue
			}
			all = append(all, &user{name: name, where: c.where()})
		}
	}
	all = slices.DeleteFunc(all, func(u *user) bool { return count[u.name] > 1 })
	byName := make(map[string]*user, len(all))
	for _, u := range all {
		byName[u.name] = u
	}
	for _, registry := range im.merged("basicRegistry", "") {
		for _, group := range registry.children {
			if group.name == "group" {
				im.join(group, byName)
			}
		}
	}
	return all
}

// join adds a group to its members.
func (im *importer) join(group *element, users map[string]*user) {
	name := im.fixed(group, "name", "")
	if name == "" || foreign(name) {
		return
	}
	for _, member := range group.children {
		u := users[im.fixed(member, "name", "")]
		if member.name == "member" && u != nil && !slices.Contains(u.groups, name) {
			u.groups = append(u.groups, name)
		}
	}
}

// attributes are those that each user of the basic registry has.
var attributes = []string{"uid", "displayName", "principalName"}

// subject gives the user that a builder's claims are about: Liberty leaves it to
// the program, so it is the first one.
func (im *importer) subject() (name string, others int) {
	if len(im.subjects) == 0 {
		return "", 0
	}
	return im.subjects[0].name, len(im.subjects) - 1
}

// has reports whether a subject has an attribute.
func (im *importer) has(subject, attribute string) bool {
	for _, e := range im.subjects {
		if e.name == subject {
			return slices.Contains(attributes, attribute) || attribute == "groups" && strings.Contains(e.pairs[1].value, ", groups: [")
		}
	}
	return false
}
