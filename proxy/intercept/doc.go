// Package intercept is egret's own certificate authority: for each host whose
// tunnels egret decrypts it makes a certificate, which clients accept that
// trust the authority. It also reads from the first message of a TLS connection
// which server the client means.
//
// It opens no connection and decides nothing about what is decrypted. It may
// import configs.
package intercept
