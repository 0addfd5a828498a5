package tokens

type recipient struct{}

func (*recipient) encrypt(string) (string, error) { return "", nil }
