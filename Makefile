# `make run` and `make test` work from a bare Debian 12 with Python 3.11; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup bench bench-path bench-growth bench-crowd run test check unit lock image clean soak fuzz image-test
ONCE ?=
export ONCE

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## system packages (as root) and .venv from the lock
	@./scripts/setup

run: setup  ## the gateway with the demo council and its mailbag; ONCE=1 ends after the table
	@.venv/bin/python -m mailguard.daemon.demo

test: check unit  ## everything that must pass: check, then every test

check: setup  ## style, types and floors
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

unit: setup  ## the tests alone
	.venv/bin/pytest

bench: setup  ## mailguard beside its peers: CPU a mail, rate, latency, memory
	.venv/bin/python benchmarks/bench.py

bench-path: setup  ## where the time of a mail goes, by stage and by rule
	.venv/bin/python benchmarks/path.py --rules

bench-growth: setup  ## how cost grows with size, recipients, clauses and words
	.venv/bin/python benchmarks/growth.py

bench-crowd: setup  ## many at once: a slow next hop, a hundred sessions, a second worker
	.venv/bin/python benchmarks/crowd.py

soak: setup  ## an hour at half of full speed while everything breaks; MINUTES=60 STORE=sqlite
	.venv/bin/python -m tests.soak --minutes $(or $(MINUTES),60) --store $(or $(STORE),sqlite)

fuzz: setup  ## each fuzz target for SECONDS=600, guided by atheris where that is installed
	.venv/bin/python -m tests.fuzz all --seconds $(or $(SECONDS),600)

image-test: setup  ## the image built for real with buildah, and asked; needs root and Debian's mirror
	.venv/bin/pytest -rs tests/deploy/image.py

lock: setup  ## make both lock files anew from pyproject.toml
	.venv/bin/python -m pip install --quiet uv
	.venv/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--quiet --upgrade --python-version 3.11 -o requirements.lock
	.venv/bin/uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--quiet --python-version 3.11 -c requirements.lock -o requirements-run.lock

image:  ## the container image
	docker build -t mailguard .

clean:  ## forget .venv and all that tools left
	rm -rf .venv var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
