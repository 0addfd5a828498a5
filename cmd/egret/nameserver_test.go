package main

import (
	"context"
	"net"
	"os"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameserverVariable is the environment variable by which an egret that a test
// starts is told the address of the test's nameserver.
const nameserverVariable = "EGRET_TEST_NAMESERVER"

// askNameserver makes this process, which is an egret, resolve names by the
// nameserver of a test.
func askNameserver() {
	address := os.Getenv(nameserverVariable)
	if address == "" {
		return
	}
	net.DefaultResolver.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "udp", address)
	}
}

// serveNames answers, until the test ends, that every name stands for
// 127.0.0.1. It gives the address that does so. Clients do not ask it: they
// reach such a name through egret or not at all.
func serveNames(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		query := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			if answer, err := loopbackAnswer(query[:n]); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		all.Wait()
	})
	return conn.LocalAddr().String()
}

// loopbackAnswer answers a query for addresses: with 127.0.0.1 one for IPv4,
// and with nothing any other.
func loopbackAnswer(query []byte) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil {
		return nil, err
	}
	message.Response, message.Additionals = true, nil
	for _, q := range message.Questions {
		if q.Type == dnsmessage.TypeA {
			message.Answers = append(message.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
			})
		}
	}
	return message.Pack()
}
