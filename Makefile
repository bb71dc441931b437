# Two commands are the contract: `make up` and `make test`. `make check` is the quick one, without root.

BIN := .venv/bin
READY := .venv/.ready
# Python's own lists of names a person may have set; the tools find everything else on the venv's path first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help up test check format lint types unit live drill lock

help:           ## what there is to type
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(READY)    ## from nothing to the running, configured, checked lab of all eight cities; INVENTORY=DIR: of another cloud
	omi lab up $(if $(INVENTORY),--inventory '$(INVENTORY)')

test: check live ## everything, the running lab's hosts included

# All three at once, each with its output in one piece. Unit tests mostly wait for servers, so the processors are shared well.
check: $(READY) ## formatting, lint, types, unit tests: no root, no lab
	$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=3 lint types unit

format: $(READY) ## put the code into shape
	ruff format
	ruff check --fix

lint: $(READY)
	ruff format --check
	ruff check
	lint-imports
	yamllint --strict .
	@# It checks the syntax of every role and playbook in a process of its own; none needs the plan's inventory.
	ANSIBLE_INVENTORY=localhost, ANSIBLE_INVENTORY_ENABLED=host_list ansible-lint

types: $(READY)
	mypy

unit: $(READY)
	pytest -m "not live" -n 2 tests

live: $(READY)   ## the tests on the running lab alone
	omi lab test

drill: $(READY)  ## every drill on the running lab, one after the other
	omi drill all

lock:            ## make the locks anew from pyproject.toml, with what is newest
	uv pip compile --upgrade --universal --generate-hashes --no-header --quiet \
	  --python-version 3.11 pyproject.toml --group dev --output-file requirements.lock
	echo uv | uv pip compile --upgrade --universal --generate-hashes --no-header --quiet \
	  --python-version 3.11 - --output-file requirements.uv.lock

$(READY): requirements.lock requirements.uv.lock pyproject.toml lab/bootstrap
	lab/bootstrap
	@touch $@
