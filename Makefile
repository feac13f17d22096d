# Shorthand; the work is in .ci/run and in the go command.
.PHONY: test ci bench fuzz conformance

test: ## the README's test command
	go test ./...

ci: ## everything that must hold
	.ci/run

conformance: ## every recorded case of upstream's answers
	PARTS=conformance .ci/run

fuzz: ## each fuzz target for a minute
	PARTS=fuzz FUZZ_SECONDS=60 .ci/run

bench: ## the figures of the README
	go test -run '^$$' -bench . ./...
