// Package curl turns a curl command line into egret.yaml: one Function, with the
// caches and Tokens of the credentials that stand in the command. It says in
// comments what it could not carry over.
//
// It reads text and writes text. It opens no file that the command names, sends
// nothing, and copies no credential.
package curl
