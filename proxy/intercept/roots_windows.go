package intercept

import "errors"

// Nothing but the certificate store counts, unless a variable names something.
var rootFiles, rootDirectories []string

// askSystem has no answer: Windows fetches an authority when it is first needed,
// and what its store lists is not all that it trusts.
func askSystem() ([]byte, error) {
	return nil, errors.New("Windows has no such list") //nolint:staticcheck // A name.
}
