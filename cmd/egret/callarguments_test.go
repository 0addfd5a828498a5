package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tidwall/gjson"
)

var argumentSchema = gjson.Parse(`{"properties": {
	"text": {"type": "string"}, "count": {"type": "integer"}, "maybe": {"type": ["integer", "null"]}, "either": {"type": ["string", "integer"]},
	"tags": {"type": "array", "items": {"type": "string"}}, "ids": {"type": "array", "items": {"type": "integer"}},
	"customer": {"type": "object", "properties": {"age": {"type": "integer"}, "tags": {"type": "array"}}}}}`)

// readFixture stands for files.
func readFixture(file string) ([]byte, error) {
	files := map[string]string{"text": "two\nlines\n", "number": "17\n", "object": `{"age": 1}`, "bytes": "\xff"}
	if text, ok := files[file]; ok {
		return []byte(text), nil
	}
	return nil, fmt.Errorf("cannot read %s", file)
}

func TestPairedArguments(t *testing.T) {
	for _, c := range []struct {
		name  string
		pairs []string
		want  string
	}{
		{"a text", []string{"text=3"}, `{"text":"3"}`},
		{"a number", []string{"count=3"}, `{"count":3}`},
		{"no number", []string{"count=three"}, `{"count":"three"}`},
		{"digits are kept", []string{"count=1.50"}, `{"count":1.50}`},
		{"one of two types", []string{"maybe=3", "either=3"}, `{"either":"3","maybe":3}`},
		{"null", []string{"maybe=null"}, `{"maybe":null}`},
		{"unknown to the schema", []string{"other=3"}, `{"other":"3"}`},
		{"empty", []string{"text="}, `{"text":""}`},
		{"more signs", []string{"text=a=b:=c"}, `{"text":"a=b:=c"}`},
		{"JSON", []string{`text:={"a":[1.0]}`, "other:=true"}, `{"other":true,"text":{"a":[1.0]}}`},
		{"a file", []string{"text=@text"}, `{"text":"two\nlines\n"}`},
		{"a file of a number", []string{"count=@number", "text=@number"}, `{"count":17,"text":"17\n"}`},
		{"a file of JSON", []string{"other:=@object"}, `{"other":{"age":1}}`},
		{"elements", []string{"tags=a", "ids=1", "tags=2", "ids=2"}, `{"ids":[1,2],"tags":["a","2"]}`},
		{"one element", []string{"tags=a", "ids=1"}, `{"ids":[1],"tags":["a"]}`},
		{"a whole list", []string{"tags=[]", "ids:=[3]"}, `{"ids":[3],"tags":[]}`},
		{"JSON in place of a list", []string{"tags:=null"}, `{"tags":null}`},
		{"elements of JSON", []string{"tags:=1", "tags=b"}, `{"tags":[1,"b"]}`},
		{"members", []string{"/customer/name=Ada", "/customer/age=36", "/customer/tags=a", "/customer/tags=b"}, `{"customer":{"age":36,"name":"Ada","tags":["a","b"]}}`},
		{"a member with a slash", []string{"/a~1b/c~0d=x", "/e=y", "f/g=z"}, `{"a/b":{"c~d":"x"},"e":"y","f/g":"z"}`},
		{"none", nil, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := pairedArguments(argumentSchema, c.pairs, readFixture)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s (error: %v), want %s", got, err, c.want)
			}
		})
	}
}

func TestBadPairs(t *testing.T) {
	for _, c := range []struct {
		want  string
		pairs []string
	}{
		{`argument "text" is not of the form key=value`, []string{"text"}},
		{`argument "=x" is not of the form key=value`, []string{"=x"}},
		{`argument ":=1" is not of the form key=value`, []string{":=1"}},
		{`argument "text" is given twice`, []string{"text=a", "text=b"}},
		{`argument "tags" is given twice`, []string{"tags=[]", "tags=b"}},
		{`argument "tags" is given twice`, []string{"tags=a", `tags:=["b"]`}},
		{`argument "count": what := gives it is no JSON`, []string{"count:=secret123"}},
		{`argument "count": what := gives it is no JSON`, []string{"count:="}},
		{`argument "text": cannot read nowhere`, []string{"text=@nowhere"}},
		{`argument "text" is not UTF-8`, []string{"text=@bytes"}},
		{`argument "/a~b" is no JSON Pointer, such as /customer/name`, []string{"/a~b=1"}},
		{`argument "/customer/age" is inside of "customer", which has a value already`, []string{"customer:={}", "/customer/age=1"}},
		{`argument "customer" has a value, and members of its own`, []string{"/customer/age=1", "customer:={}"}},
	} {
		_, err := pairedArguments(argumentSchema, c.pairs, readFixture)
		if usage, ok := errors.AsType[*usageError](err); !ok || usage.Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.pairs, err, c.want)
		}
	}
}
