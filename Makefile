# The commands of the house. Each is one line of work; the scripts say how.
.DEFAULT_GOAL := help
.PHONY: help demo test check race soak fuzz generate fmt build run bench clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## build, and run everything on one machine with sample data
	bin/cadenza demo

test: ## install what tests need, then run all checks and tests
	@scripts/check

check: ## the quick checks: format, vet, staticcheck, generated files, the house's rules
	@scripts/check format vet staticcheck generated
	go test ./internal/archtest

race: ## all tests with the race detector
	CGO_ENABLED=1 go test -race -gcflags='modernc.org/sqlite/lib=-race=false' -shuffle=on ./...

soak: ## kill, pause and cut off servers under load for some minutes: SOAK_KILLS (30), SOAK_MINUTES (5), SOAK_PAUSE (20 s), SOAK_SEED, MOVE_RECORDS (100000), MOVE_RACE (600)
	go test -tags soak -count 1 -timeout 0 -v -run '^TestSoak$$' ./cmd/cadenza
	MOVE_RECORDS=$${MOVE_RECORDS:-100000} go test -count 1 -timeout 0 -v -run '^TestMoveUnderKills$$' ./cmd/cadenza
	MOVE_RACE=$${MOVE_RACE:-600} go test -race -count 1 -timeout 0 -v -run '^TestMovesRaceEverything$$' ./internal/action

fuzz: ## each fuzz target for FUZZTIME (10s; make test takes 2s)
	@FUZZTIME=$${FUZZTIME:-10s} scripts/check fuzz

generate: ## make the generated files anew
	scripts/generate

fmt: ## format Go and templ files
	git ls-files -co --exclude-standard '*.go' | grep -v '_templ\.go$$' | xargs go tool -modfile=tools/go.mod gofumpt -w
	go tool -modfile=tools/go.mod templ fmt internal

build: ## build bin/cadenza
	@scripts/assets
	CGO_ENABLED=0 go build -trimpath -o bin/cadenza ./cmd/cadenza

run: build ## serve on a SQLite file in this folder
	bin/cadenza serve --db sqlite:cadenza.db

bench: build ## measure on this machine
	bin/cadenza bench

clean: ## remove what was built
	rm -rf bin node_modules
	find internal/web/static/vendor -type f ! -name .gitkeep -delete
