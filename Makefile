.DEFAULT_GOAL := help
.PHONY: help build test race lint fmt fuzz soak demo bench cover check

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/egret
	CGO_ENABLED=0 go build -trimpath -o bin/egret ./cmd/egret

test: ## run the tests
	go test ./...

race: ## run the tests with the race detector, in any order
	.ci/run tests

lint: ## look for mistakes: gofmt, vet, golangci-lint, the module's sums
	.ci/run lint

fmt: ## write the code as gofumpt and goimports do
	.ci/golangci-lint fmt

fuzz: ## run each fuzz target for FUZZ_SECONDS (10)
	.ci/run fuzz

soak: ## half a million requests to a broken origin, and crowds of slow clients
	EGRET_CHAOS=$${EGRET_CHAOS:-500000} go test -count=1 -timeout 1h -run 'TestChaos$$' -v ./proxy
	EGRET_SOAK=$${EGRET_SOAK:-100} go test -count=1 -timeout 1h -run 'TestSlowClients|TestTerminate' -v ./cmd/egret

demo: ## show the whole idea at work, on loopback
	go run ./cmd/egret demo --once

bench: ## measure egret beside a bare proxy, nginx and HAProxy
	go run ./cmd/egretbench

cover: ## write bin/coverage.html and print the total
	mkdir -p bin
	go test -coverpkg=./... -coverprofile=bin/coverage.out ./...
	go tool cover -html=bin/coverage.out -o bin/coverage.html
	go tool cover -func=bin/coverage.out | tail -n 1

check: ## all that CI runs
	.ci/run
