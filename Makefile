# `make` lists the targets. All tools come from tests/requirements.txt into out/venv; nothing else is installed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# The first interpreter that works, not the first that exists: version managers leave shims that only print an error.
WORKS := -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do "$$python" $(WORKS) && echo "$$python" && break; done)

VENV := out/venv
READY := $(VENV)/complete
SANDBOX := actions/run-review/sandbox
GUARDDOG := $(SANDBOX)/agents/guarddog
PROXY := $(SANDBOX)/proxy
CACHE := out/cache
RUN := $(VENV)/bin/python -I -m
ARGS ?=
ONLY ?=

SHELL_SCRIPTS := scripts/run scripts/make-environment .ci/run .ci/engine .ci/image-tools .ci/release actions/run-review/sandbox/agents/relay
SCHEMAS := $(wildcard schemas/*.json)
ACTIONS := $(wildcard action.yml actions/*/action.yml)
WORKFLOWS := $(wildcard .github/workflows/*.yml examples/workflows/*.yml)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target purpose; do printf '%-14s %s\n' "$$target" "$$purpose"; done

FOR_TESTS := $(READY) $(CACHE)/complete $(CACHE)/github/complete $(CACHE)/image-tools/complete $(CACHE)/axe/complete

.PHONY: test
test: $(FOR_TESTS) ## run every test that this machine can; ARGS='-k word' goes to pytest
	$(RUN) pytest $(ARGS)

.PHONY: lint
lint: $(READY) ## check style, types, workflows, schemas and shell scripts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/yamllint --strict .
	$(VENV)/bin/zizmor --quiet --persona=pedantic --offline $(wildcard .github action.yml actions examples/workflows/*.yml)
	$(if $(WORKFLOWS),$(VENV)/bin/actionlint -shellcheck= $(WORKFLOWS))
	$(if $(WORKFLOWS),$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS))
	$(if $(ACTIONS),$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.github-actions $(ACTIONS))
	$(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(if $(SCHEMAS),$(VENV)/bin/check-jsonschema --quiet --check-metaschema $(SCHEMAS))
	@command -v shellcheck >/dev/null || { echo 'error: shellcheck is not installed; Debian: apt-get install shellcheck; macOS: brew install shellcheck' >&2; exit 2; }
	shellcheck $(SHELL_SCRIPTS)

.PHONY: format
format: $(READY) ## put the code into the house's format
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .

.PHONY: demo
demo: ## the main job on a throwaway registry of seven entries: a table, and out/demo
	scripts/run demo

.PHONY: bench
bench: $(READY) $(CACHE)/github/complete ## measure against a bare equivalent; ONLY=name for one, results in out/bench
	$(VENV)/bin/python tests/benchmarks/run.py $(ONLY)

AGENT ?= guarddog
HALF ?= reported

.PHONY: bench-review
bench-review: $(READY) $(CACHE)/complete ## review planted behaviours and their benign twins: recall, precision, time; AGENT=claude with a key, HALF=tuning
	@env -u RUNNER_TEMP XDG_CACHE_HOME=$(CURDIR)/$(CACHE) $(VENV)/bin/python -I -c 'import sys; sys.path[:0] = ["tests", "scripts"]; \
	    from benchmarks.bench_review import main; sys.exit(main("$(AGENT)", "$(HALF)"))'

# The proxy's is for its image alone, so that no marker is left for the machine that downloads the wheels to read its own way.
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: $(READY) ## write every requirements.txt anew from requirements.in; ARGS=--upgrade for newer versions
	$(LOCK) $(ARGS) scripts/requirements.in --output-file scripts/requirements.txt
	$(LOCK) $(ARGS) tests/requirements.in --output-file tests/requirements.txt
	$(LOCK) $(ARGS) $(GUARDDOG)/requirements.in --output-file $(GUARDDOG)/requirements.txt
	$(LOCK:--universal=--python-platform=linux) $(ARGS) $(PROXY)/requirements.in --output-file $(PROXY)/requirements.txt

.PHONY: tables
tables: $(READY) ## write what README.md and docs/actions.md say of the actions, from the actions themselves
	$(VENV)/bin/python tests/support/action_tables.py

MACHINE ?= $(shell uname -m)
# The image's own Python decides which wheels: Debian 12 has 3.11. amd64 has other wheels than arm64.
WHEELS := --python-version 3.11 --implementation cp --abi cp311 $(foreach libc,2014 _2_17 _2_28,--platform manylinux$(libc)_$(MACHINE))

.PHONY: proxy-context
proxy-context: $(READY) ## collect what the proxy's image is built from in out/proxy; MACHINE=aarch64 or x86_64 for another machine
	rm -rf out/proxy
	mkdir -p out/proxy/wheels
	$(RUN) pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: $(WHEELS) --dest out/proxy/wheels --requirement $(PROXY)/requirements.txt
	cp $(PROXY)/*.py $(PROXY)/Dockerfile $(PROXY)/requirements.txt out/proxy

BASE ?=
BUILD = docker build --quiet --network host $(if $(BASE),--build-arg BASE=$(BASE))

.PHONY: images
images: proxy-context ## build the sandbox's images from source; BASE=image for another base
	$(BUILD) --tag pinwarden/proxy out/proxy

# One folder for each agent, made anew where its lock, its module or what is put beside them has changed.
AGENTS := claude codex guarddog
AGENT_PARTS := $(wildcard scripts/pinwarden/*.py scripts/pinwarden/agents/*.py scripts/pinwarden/adapters/collection.py scripts/pinwarden/adapters/staged_lines.py) \
    $(wildcard $(SANDBOX)/agents/*.py) $(filter-out %.txt %.in,$(wildcard $(SANDBOX)/agents/*/*.* $(SANDBOX)/agents/*/*/*.json)) \
    $(SANDBOX)/agents/Dockerfile $(GUARDDOG)/Dockerfile $(GUARDDOG)/requirements.txt $(SANDBOX)/agents/relay
.PRECIOUS: out/agents/%/version
out/agents/%/version: $(AGENT_PARTS) $(READY)
	rm -rf out/agents/$*
	mkdir -p out/agents
	$(VENV)/bin/python -I $(SANDBOX)/agents/context.py $* $(MACHINE) out/agents/$*
	touch $@

.PHONY: agent-images
agent-images: $(AGENTS:%=out/agents/%/version) ## build the images of the agents; npm gets them as their locks say
	$(foreach agent,$(AGENTS),$(BUILD) --build-arg NAME=$(agent) $$([ ! -f out/agents/$(agent)/link ] || echo --build-arg PROGRAM=$$(cat out/agents/$(agent)/link)) \
	    --build-arg VERSION=$$(cat out/agents/$(agent)/version) --tag pinwarden/agent-$(agent) out/agents/$(agent) &&) true

.PHONY: engine
engine: $(READY) ## start a container engine for the tests in out/engine (Debian, as root); stop it with .ci/engine stop out/engine
	.ci/engine start $(CURDIR)/out/engine
	@echo 'now: eval "$$(.ci/engine env $(CURDIR)/out/engine)"; make images test-images agent-images BASE=pinwarden/base'

.PHONY: containment
containment: $(READY) ## attack the sandbox in 44 ways, each with a control; results in out/containment
	rm -f out/containment/results.json
	$(RUN) pytest --quiet tests/containment $(ARGS) || true
	$(VENV)/bin/python tests/containment/show.py

.PHONY: coverage
coverage: $(FOR_TESTS) ## run the tests and tell which branches of the code none of them takes; ARGS goes to pytest
	rm -rf out/coverage && mkdir -p out/coverage
	$(RUN) coverage run -m pytest $(ARGS)
	$(RUN) coverage combine --quiet
	$(RUN) coverage report

.PHONY: mutation
mutation: $(READY) ## change the code that decides in one place at a time: which changes does no test notice; ONLY='status verdict' for some modules
	$(VENV)/bin/python tests/mutation/run.py $(ONLY)

.PHONY: test-images
test-images: ## build the image of the agent that obeys the reviewed repository, for the containment suite
	rm -rf out/images/obedient && mkdir -p out/images/obedient
	cp tests/containment/obedient/Dockerfile $(SANDBOX)/agents/relay out/images/obedient
	$(BUILD) --tag pinwarden/obedient out/images/obedient

.PHONY: clean
clean: ## remove everything that was generated
	rm -rf out

$(READY): tests/requirements.txt
	@test -n '$(PYTHON)' && '$(PYTHON)' $(WORKS) || { echo 'error: $(or $(PYTHON),no python3 on PATH) is not Python 3.11 or newer; name one: make PYTHON=/path/to/python3' >&2; exit 2; }
	'$(PYTHON)' -I -m venv --clear $(VENV) || { echo 'error: $(PYTHON) has no venv; Debian: apt-get install python3-venv' >&2; exit 2; }
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: --requirement $<
	touch $@

# GuardDog's own environment, where run-review looks for it.
$(CACHE)/complete: $(GUARDDOG)/requirements.txt $(READY)
	env -u RUNNER_TEMP XDG_CACHE_HOME=$(CURDIR)/$(CACHE) $(VENV)/bin/python -I -c 'import sys; sys.path.insert(0, "scripts"); \
	    from pathlib import Path; from pinwarden.adapters.environment import python_for; python_for(Path("$<"))'
	touch $@

# GitHub's published API descriptions, for its twin in the tests. Without npm those tests are skipped, and said to be.
TWIN := tests/support/github_twin
$(CACHE)/github/complete: $(TWIN)/operations.py $(TWIN)/prepare.py $(READY)
	@if command -v npm >/dev/null; then \
	    $(VENV)/bin/python -I -c 'import sys; sys.path.insert(0, "tests"); from support.github_twin.prepare import main; main("$(@D)")'; \
	else \
	    echo "note: npm is not installed, so GitHub's API descriptions were not fetched" >&2; \
	fi

# axe-core, for the tests of the page. Without npm those are skipped, and said to be.
$(CACHE)/axe/complete: tests/support/axe.py $(READY)
	@if command -v npm >/dev/null; then \
	    $(VENV)/bin/python -I -c 'import sys; sys.path.insert(0, "tests"); from support.axe import main; main("$(@D)")'; \
	else \
	    echo "note: npm is not installed, so axe-core was not fetched" >&2; \
	fi

# A registry server and cosign, for the tests of published images. Where they can't be had those tests are skipped, and said to be.
$(CACHE)/image-tools/complete: .ci/image-tools
	@$< $(@D) || echo "note: the tests of published images have no registry server and no cosign" >&2
