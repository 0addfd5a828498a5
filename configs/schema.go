package configs

import _ "embed"

//go:embed egret.schema.json
var schemaText []byte

// Schema gives the JSON Schema (draft 2020-12) of egret.yaml, for editors: what
// each key means, and as many of the rules as a schema can hold. Nothing that
// [Load] takes is refused by it. What it takes [Load] may still refuse, as
// names that nothing has.
func Schema() []byte { return append([]byte(nil), schemaText...) }
