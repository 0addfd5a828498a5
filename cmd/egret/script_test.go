package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"egret": func() {
		askNameserver()
		main()
	}})
}

// The command is tested as people use it: each file of testdata/script says
// why it exists.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setupScript,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"upstream": cmdUpstream,
			"await":    cmdAwait,
			"status":   cmdStatus,
			"signal":   cmdSignal,
			"mode":     cmdMode,
		},
	})
}

func setupScript(env *testscript.Env) error {
	env.Setenv("NO_COLOR", "1")
	env.Setenv("HOME", env.WorkDir)
	schema, err := filepath.Abs("../../configs/egret.schema.json")
	if err != nil {
		return err
	}
	env.Setenv("SCHEMA", schema)
	return os.MkdirAll(env.WorkDir+"/keys", 0o700)
}

// condition knows one more condition: [env:NAME], the variable is set.
func condition(text string) (bool, error) {
	name, ok := strings.CutPrefix(text, "env:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", text)
	}
	return os.Getenv(name) != "", nil
}
