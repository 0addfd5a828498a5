package tokens_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

func ExampleNew() {
	token, err := tokens.New(configs.Token{
		Name:      "acme_api_jwt",
		Algorithm: "HS256",
		KeyType:   "Secret",
		Key:       configs.NewSecret("not a secret, but long enough to sign with"),
		Claims:    []byte(`{"iss":"egret","order":12345678901234567890}`),
	}, 15*time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	made, err := token.Make(context.Background(), time.Unix(1763726400, 0).UTC())
	if err != nil {
		fmt.Println(err)
		return
	}
	claims, _ := base64.RawURLEncoding.DecodeString(strings.Split(made.Value.Reveal(), ".")[1])
	fmt.Println(made.Value, "until", made.Expires)
	fmt.Println(string(claims))
	// Output:
	// [secret] until 2025-11-21 12:15:00 +0000 UTC
	// {"iss":"egret","order":12345678901234567890,"iat":1763726400,"exp":1763727300}
}

func ExampleNew_error() {
	_, err := tokens.New(configs.Token{
		Algorithm: "ES256",
		KeyType:   "RsaPem",
		Claims:    []byte(`{"exp":1763726400}`),
	}, 15*time.Minute)
	fmt.Println(err)
	// Output: key_type: key_type RsaPem does not fit algorithm ES256; claims.exp: exp is set by egret: remove it
}

func ExampleRefresher() {
	token, err := tokens.New(configs.Token{Name: "stripe_key", Value: configs.NewSecret("sk_test_4eC39H")}, 15*time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	id := configs.DefaultID("stripe")
	refresher := tokens.NewRefresher(caches.NewValues(), tokens.RefresherOptions{})
	refresher.Set([]tokens.Source{{
		ID:   id,
		Name: "stripe",
		TTL:  15 * time.Minute,
		Make: func(ctx context.Context) (caches.Entry, error) {
			made, err := token.Make(ctx, time.Now())
			return made.Entry(), err
		},
	}})

	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- refresher.Run(ctx) }()
	e, err := refresher.Get(ctx, id, "")
	fmt.Println(string(e.Data), err)
	stop()
	fmt.Println(<-done)
	// Output:
	// sk_test_4eC39H <nil>
	// <nil>
}
