package templates

// An Escaping is how a value is written in the place where a placeholder
// stands. It also tells what kind of place that is.
type Escaping int

// The escapings.
const (
	// PathSegment: in a segment of a URL's path, RFC 3986 section 3.3.
	PathSegment Escaping = iota
	// QueryValue: in the value of a query parameter.
	QueryValue
	// HeaderValue: in a header field's value, RFC 9110 section 5.5.
	HeaderValue
	// FormValue: in a value of an application/x-www-form-urlencoded body.
	FormValue
	// JSONString: inside the quotes of a JSON string.
	JSONString
	// JSONValue: where JSON has a value of any type.
	JSONValue
	// XMLText: in the text or a quoted attribute of XML or HTML.
	XMLText
	// PlainText: in a text body of any other media type.
	PlainText
	// BasicUser: in the user name of Basic credentials, RFC 7617 section 2.
	BasicUser
	// BasicPassword: in the password of Basic credentials.
	BasicPassword
	// MultipartText: in a text of a multipart/form-data body.
	MultipartText
	// MultipartFile: in the text of a file of a multipart/form-data body.
	MultipartFile
	// MultipartBase64: in a file of a multipart/form-data body, as base64.
	MultipartBase64
	// MultipartFilename: in the name of a file of a multipart/form-data body.
	MultipartFilename
)

// String gives the name of the place, such as "path_segment".
func (e Escaping) String() string {
	if e < 0 || int(e) >= len(places) {
		return "unknown"
	}
	return places[e].name
}

// A Placeholder is one placeholder of a template.
type Placeholder struct {
	Pointer  Pointer
	Escaping Escaping
	// Offset and Length are in bytes and of the placeholder with its brackets,
	// in the joined text of the Source that it was written in.
	Offset, Length int
}

func (p Placeholder) refuse(reason Reason, detail string) error {
	return &RenderError{Reason: reason, Pointer: p.Pointer.String(), Detail: detail}
}

// A place says how values stand in one kind of place.
type place struct {
	name string
	noun string // for messages
	// check gives what is wrong with text that has no faithful form in the
	// place, or "". It is nil where all text has one.
	check func(s string) string
	// escape appends s so that it stands for itself in the place.
	escape func(dst []byte, s string) []byte
	// empty is the reason to refuse an empty string, or 0.
	empty Reason
}

// places has the rules of every place. Nothing changes it while egret runs.
var places = [...]place{
	PathSegment: {name: "path_segment", noun: "a path segment", escape: appendPercent, empty: UnsafeValue},
	QueryValue:  {name: "query_value", noun: "a query value", escape: appendPercent},
	HeaderValue: {name: "header_value", noun: "a header", check: headerProblem, escape: appendVerbatim, empty: MissingArgument},
	FormValue:   {name: "form_value", noun: "a form value", escape: appendPercent},
	JSONString:  {name: "json_string", noun: "a JSON string", escape: appendJSONText},
	JSONValue:   {name: "json_value", noun: "a JSON value", escape: appendJSONString},
	XMLText:     {name: "xml_text", noun: "XML text", check: xmlProblem, escape: appendXML},
	PlainText:   {name: "plain_text", noun: "a text", escape: appendVerbatim},

	BasicUser:     {name: basicPlace, noun: "a user name", check: userProblem, escape: appendVerbatim},
	BasicPassword: {name: basicPlace, noun: "a password", check: credentialProblem, escape: appendVerbatim},

	MultipartText:     {name: "multipart_text", noun: "a part", escape: appendVerbatim},
	MultipartFile:     {name: filePlace, noun: "a file", escape: appendVerbatim},
	MultipartBase64:   {name: filePlace, noun: "a file", check: base64Problem, escape: appendVerbatim},
	MultipartFilename: {name: "multipart_filename", noun: "the name of a file", check: partNameProblem, escape: appendVerbatim},
}
