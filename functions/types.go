package functions

// types is a set of the types of JSON Schema.
type types uint8

const (
	nullType types = 1 << iota
	booleanType
	numberType
	integerType
	stringType
	arrayType
	objectType
	everyType = nullType | booleanType | numberType | stringType | arrayType | objectType
)

var typeNames = map[string]types{
	"null": nullType, "boolean": booleanType, "number": numberType, "integer": integerType,
	"string": stringType, "array": arrayType, "object": objectType,
}

func typeOf(kind byte) types {
	switch kind {
	case '{':
		return objectType
	case '[':
		return arrayType
	case '"':
		return stringType
	case '0':
		return numberType
	case 'n':
		return nullType
	default:
		return booleanType
	}
}
