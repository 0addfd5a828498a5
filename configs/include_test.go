package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
)

// tree writes files into a new directory, and gives the directory.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	for name, text := range files {
		path := filepath.Join(directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// said gives what a configuration's problems and warnings say, without the
// directory.
func said(problems configs.Problems, directory string) []string {
	got := []string{}
	for _, p := range problems {
		text := p.String()
		if p.Hint != "" {
			text += "; " + p.Hint
		}
		got = append(got, strings.ReplaceAll(text, directory+string(filepath.Separator), ""))
	}
	return got
}

func TestInclude(t *testing.T) {
	directory := tree(t, map[string]string{
		"egret.yaml": "include: [conf.d/*.yaml, more/limits.yaml, '[a-z]*/?/x.yaml']\n" +
			"egress: {allow: [a.test], default: deny}\n" +
			"caches:\n  - {name: one, ttl: 1m, hosts: [one.test]}\n",
		"conf.d/b.yaml": "tokens:\n  - {name: t, cache: one, value: '${file:key.txt}'}\n" +
			"functions:\n  - {name: second, url: https://b.test, cache: two}\n",
		"conf.d/a.yaml": "egress: {allow: [b.test], allow_private: [10.0.0.0/8]}\n" +
			"caches:\n  - {name: two, ttl: 2m}\n" +
			"functions:\n  - {name: first, url: https://a.test}\n",
		"conf.d/.hidden.yaml": "nonsense",
		"conf.d/a.yaml~":      "nonsense",
		"conf.d/key.txt":      "canary-include\n",
		"key.txt":             "the wrong one",
		"more/limits.yaml":    "limits: {connections: 7}\nstate: here\nclients: [{name: c, key: 0123456789abcdef, functions: [second]}]\n",
		"more/1/x.yaml":       "functions: [{name: third, url: https://c.test}]\n",
	})
	cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	silent(t, cfg, nil)
	var got []string
	for _, c := range cfg.Caches {
		got = append(got, fmt.Sprint(c.Path, " ", c.Name, " ", c.Kind))
	}
	for _, f := range cfg.Functions {
		got = append(got, f.Path+" "+f.Name)
	}
	for _, r := range cfg.Egress.Allow {
		got = append(got, r.Path+" "+r.Host.String())
	}
	got = append(got, cfg.Tokens[0].Path+" "+cfg.Tokens[0].Value.Reveal(), fmt.Sprint(cfg.Limits.Connections), cfg.State, cfg.Clients[0].Path)
	want := []string{
		"caches[0] one token", "1:caches[0] two output",
		"1:functions[0] first", "2:functions[0] second", "4:functions[0] third",
		"egress.allow[0] a.test", "1:egress.allow[0] b.test",
		"2:tokens[0] canary-include", "7", filepath.Join(directory, "more", "here"), "3:clients[0]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the configuration (-want +got):\n%s", diff)
	}
	var watched []string
	for _, file := range cfg.Watched() {
		watched = append(watched, strings.TrimPrefix(file.Path, directory+"/"))
	}
	want = []string{
		"egret.yaml", "conf.d/*.yaml", "conf.d/a.yaml", "conf.d/b.yaml", "more/limits.yaml",
		"[a-z]*/?/x.yaml", "more/1/x.yaml", "conf.d/key.txt",
	}
	if diff := cmp.Diff(want, watched); diff != "" {
		t.Errorf("what is watched (-want +got):\n%s", diff)
	}
}

// TestIncludePlaces makes problems of what is included, before and after the
// texts are gone.
func TestIncludePlaces(t *testing.T) {
	directory := tree(t, map[string]string{
		"egret.yaml":    "include: [conf.d/*.yaml]\n",
		"conf.d/a.yaml": "functions:\n  - {name: first, url: https://a.test}\n",
		"conf.d/b.yaml": "# here\nfunctions:\n  - name: second\n    url: https://b.test\n",
	})
	cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	at := cfg.Functions[1].Path + ".url"
	got := strings.ReplaceAll(cfg.Problem(at, "a sentence", "a hint").Detailed(), directory+string(filepath.Separator), "")
	want := filepath.FromSlash("conf.d/b.yaml") + ":4:10: functions[0].url: a sentence\n        url: https://b.test\n             ^ a hint"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	cfg.Forget()
	got = said(configs.Problems{cfg.Problem(at, "a sentence", "")}, directory)[0]
	if want := filepath.FromSlash("conf.d/b.yaml") + ": functions[0].url: a sentence"; got != want {
		t.Errorf("got %q of texts that are forgotten, want %q", got, want)
	}
}

const (
	one = "caches: [{name: a, ttl: 1m}]\n"
	two = "# two\ncaches:\n  - {name: b, ttl: 1m}\n"
)

var includeProblems = []struct {
	name  string
	files map[string]string
	want  []string
}{
	{"a file that is missing", map[string]string{
		"egret.yaml": "include: [a.yaml]\nfunctions: [{name: f, url: https://a.test, cache: a}]\n",
	}, []string{"egret.yaml:1:11: include[0]: cannot read a.yaml: no such file or directory"}},
	{"a directory", map[string]string{
		"egret.yaml": "include: [d]\n", "d/a.yaml": one,
	}, []string{"egret.yaml:1:11: include[0]: cannot read d: it is no regular file"}},
	{"elements that are none", map[string]string{
		"egret.yaml": "include: ['', 7, 'a[', conf.d/**, '${env:HOST}.yaml', {a: b}, ~]\n",
	}, []string{
		"egret.yaml:1:11: include[0]: the path is empty; write a path, or a pattern such as conf.d/*.yaml",
		"egret.yaml:1:15: include[1]: must be text, not a number; put it into quotes",
		`egret.yaml:1:18: include[2]: "a[" is no pattern; write a path, or a pattern such as conf.d/*.yaml`,
		"egret.yaml:1:24: include[3]: ** is not supported, a * stands for a part of one name; write a path, or a pattern such as conf.d/*.yaml",
		"egret.yaml:1:35: include[4]: ${env:…} and ${file:…} are not expanded here",
		"egret.yaml:1:55: include[5]: must be text, not a mapping",
		"egret.yaml:1:63: include[6]: there is no value",
	}},
	{"no list", map[string]string{
		"egret.yaml": "include: a.yaml\n", "a.yaml": one,
	}, []string{"egret.yaml:1:10: include: must be a list, not text"}},
	{"twice", map[string]string{
		"egret.yaml": "include: [a.yaml, '*.yaml', ./a.yaml]\n", "a.yaml": one,
	}, []string{
		"egret.yaml:1:19: include[1]: a.yaml is included already, by include[0]",
		"egret.yaml:1:19: include[1]: egret.yaml cannot include itself",
		"egret.yaml:1:29: include[2]: a.yaml is included already, by include[0]",
	}},
	{"an included file includes", map[string]string{
		"egret.yaml": "include: [a.yaml]\n", "a.yaml": one + "include: [b.yaml]\n", "b.yaml": "nonsense",
	}, []string{"a.yaml:2:10: include: an included file cannot include others; name them in egret.yaml"}},
	{"an included file that is no YAML", map[string]string{
		"egret.yaml": "include: [a.yaml, b.yaml]\nfunctions: [{name: f, url: https://a.test, cache: a}]\n",
		"a.yaml":     "caches: [", "b.yaml": "limts: 1\n",
	}, []string{
		"a.yaml:1:9: this [ is never closed",
		"b.yaml:1:1: limts: unknown key, egret.yaml has no limts; did you mean limits?",
	}},
	{"an empty file", map[string]string{
		"egret.yaml": "include: [a.yaml]\n", "a.yaml": "# nothing\n",
	}, []string{"a.yaml: the file is empty"}},
	{"keys that stand twice", map[string]string{
		"egret.yaml": "include: [a.yaml, b.yaml]\nlisten: 127.0.0.1:1\n",
		"a.yaml":     "listen: 127.0.0.1:2\nlimits: {connections: 1}\negress: {default: deny, allow: [a.test]}\nadmin: 127.0.0.1:3\n",
		"b.yaml":     "limits: {concurrency: 1}\negress: {default: deny, allow: [a.test]}\nadmin: {listen: 127.0.0.1:3}\nstate: a\n",
	}, []string{
		"a.yaml:1:9: listen: the key stands already: listen in egret.yaml:2:9; leave one of them out",
		"b.yaml:1:9: limits: the key stands already: limits in a.yaml:2:9; leave one of them out",
		"b.yaml:2:19: egress.default: the key stands already: egress.default in a.yaml:3:19; leave one of them out",
		"b.yaml:3:8: admin: the key stands already: admin in a.yaml:4:8; leave one of them out",
	}},
	{"names and IDs that stand twice", map[string]string{
		"egret.yaml": "include: [a.yaml, b.yaml]\n",
		"a.yaml": "caches:\n  - {name: a, ttl: 1m, hosts: [a.test]}\n  - {name: c, ttl: 1m, hosts: [a.test]}\n" +
			"tokens: [{name: t, cache: a, value: secret12345}]\nfunctions: [{name: f, url: https://a.test}]\n" +
			"clients: [{name: c, key: 0123456789abcdef}]\n",
		"b.yaml": "caches:\n  - {name: a, ttl: 1m, hosts: [a.test]}\n  - {name: b, ttl: 1m, id: " + configs.DefaultID("c").String() + "}\n" +
			"tokens: [{name: t, cache: a, value: secret12345}]\nfunctions: [{name: f, url: https://a.test}]\n" +
			"clients: [{name: c, key: 0123456789abcdef}]\n",
	}, []string{
		"b.yaml:2:5: caches[0].id: the ID is that of caches[0] in a.yaml:2:5 too; leave it out for one of its own",
		"b.yaml:2:12: caches[0].name: caches[0] in a.yaml:2:5 has the name a already",
		"b.yaml:3:28: caches[1].id: the ID is that of caches[1] in a.yaml:3:5 too; leave it out for one of its own",
		"b.yaml:4:17: tokens[0].name: tokens[0] in a.yaml:4:10 has the name t already",
		"b.yaml:4:27: tokens[0].cache: cache a is already filled by tokens[0] in a.yaml:4:10; give each token a cache of its own",
		"b.yaml:5:20: functions[0].name: functions[0] in a.yaml:5:13 has the name f already",
		"b.yaml:6:18: clients[0].name: clients[0] in a.yaml:6:11 has the name c already",
	}},
	{"problems across files", map[string]string{
		"egret.yaml": "include: [a.yaml, b.yaml]\n",
		"a.yaml":     one + "listen: 0.0.0.0:80\n",
		"b.yaml":     two + "functions:\n  - {name: f, url: 'https://a.test/{/x}', cache: c1}\n  - {name: g, url: https://a.test, cache: a}\n",
	}, []string{
		"a.yaml:2:9: listen: without clients egret accepts only a loopback address; write 127.0.0.1:80, or add clients",
		"b.yaml:5:20: functions[0].url: placeholder {/x} is not a parameter of f",
		"b.yaml:5:50: functions[0].cache: there is no cache c1",
	}},
}

func TestIncludeProblems(t *testing.T) {
	for _, test := range includeProblems {
		t.Run(test.name, func(t *testing.T) {
			directory := tree(t, test.files)
			_, problems := configs.Read(filepath.Join(directory, "egret.yaml"), options())
			if diff := cmp.Diff(test.want, said(problems, directory)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIncludeBounds includes more files, and more bytes, than egret reads.
func TestIncludeBounds(t *testing.T) {
	files := map[string]string{"egret.yaml": "include: [d/*.yaml]\n"}
	for i := range 1001 {
		files[fmt.Sprintf("d/%04d.yaml", i)] = "caches: []\n"
	}
	directory := tree(t, files)
	_, problems := configs.Read(filepath.Join(directory, "egret.yaml"), options())
	if diff := cmp.Diff([]string{"egret.yaml:1:11: include[0]: more than 1000 files are included"}, said(problems, directory)); diff != "" {
		t.Errorf("problems of 1001 files (-want +got):\n%s", diff)
	}
	files = map[string]string{"egret.yaml": "include: ['d/*/*.yaml']\n"}
	for i := range 1001 {
		files[fmt.Sprintf("d/%d/none", i)] = ""
	}
	directory = tree(t, files)
	_, problems = configs.Read(filepath.Join(directory, "egret.yaml"), options())
	if diff := cmp.Diff([]string{"egret.yaml:1:11: include[0]: the pattern leads into more than 1000 directories"}, said(problems, directory)); diff != "" {
		t.Errorf("problems of 1001 directories (-want +got):\n%s", diff)
	}
	large := "caches: []\n" + strings.Repeat("#\n", 1<<19-100)
	files = map[string]string{"egret.yaml": "include: [d/*.yaml]\n"}
	for i := range 66 {
		files[fmt.Sprintf("d/%04d.yaml", i)] = large
	}
	files["d/0000.yaml"] += large
	directory = tree(t, files)
	_, problems = configs.Read(filepath.Join(directory, "egret.yaml"), options())
	if diff := cmp.Diff([]string{
		"egret.yaml:1:11: include[0]: cannot read d/0000.yaml: it is larger than 1 MiB",
		"egret.yaml:1:11: include[0]: the included files are larger than 64MiB in all",
	}, said(problems, directory)); diff != "" {
		t.Errorf("problems of 66 MiB (-want +got):\n%s", diff)
	}
}

func TestIncludeNothing(t *testing.T) {
	directory := tree(t, map[string]string{"egret.yaml": "include: [conf.d/*.yaml]\ncaches: []\n"})
	cfg, err := configs.Load(filepath.Join(directory, "egret.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"egret.yaml:1:11: include[0]: no file matches conf.d/*.yaml"}
	if diff := cmp.Diff(want, said(cfg.Warnings, directory)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// TestIncludeOddDirectory has a directory whose name looks like a pattern.
func TestIncludeOddDirectory(t *testing.T) {
	directory := tree(t, map[string]string{
		"[a]*/egret.yaml": "include: [b/*.yaml, 'c\\*.yaml']\n", "[a]*/b/a.yaml": "caches: [{name: a, ttl: 1m}]\n",
		"[a]*/c*.yaml": "caches: [{name: c, ttl: 1m}]\n", "[a]*/cc.yaml": "nonsense",
	})
	cfg, err := configs.Load(filepath.Join(directory, "[a]*", "egret.yaml"), options())
	if err != nil || len(cfg.Caches) != 2 {
		t.Fatalf("got %d caches and error %v, want 2 and none", len(cfg.Caches), err)
	}
	w, err := configs.Watch(t.Context(), cfg.Watched(), quiet, nil)
	must(t, err)
	defer w.Close()
	write(t, filepath.Join(directory, "[a]*", "b", "new.yaml"), "x")
	changed(t, w, "a new file of a pattern")
}
