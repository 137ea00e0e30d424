# Every target installs what it needs first; all that it builds is in .dev/ (see docs/development.md).
#   make demo ARGS=--check      make test ARGS='-k cursor'      make bench ARGS=--help
ARGS ?=
PYTHON = .dev/venv/bin/python
.DEFAULT_GOAL = help
.PHONY: help setup demo check test test-odoo lint i18n bench screenshots clean

help: ## says what there is
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## installs everything that any of the others needs
	@dev/setup test lint bench

demo: ## Odoo with the addon and a mailbox of demo mail at http://localhost:8069, until Ctrl-C
	@dev/setup
	@$(PYTHON) dev/demo/run.py $(ARGS)

check: ## all linters and the tests that need no Odoo, in a minute or two: what to run while at work
	@dev/check $(ARGS)

test: ## all tests, with pytest, in two processes at a time
	@dev/test $(ARGS)

test-odoo: ## the addon's own tests, the way Odoo runs them
	@dev/test-odoo $(ARGS)

lint: ## all linters, mending what they can (only files that git knows)
	@dev/setup lint
	@dev/tool pre-commit run --all-files $(ARGS)

i18n: ## writes the templates of translations anew, and brings the .po files in line
	@dev/i18n

bench: ## what reading and filing mail costs, beside what others need for it
	@dev/setup bench
	@$(PYTHON) dev/bench/run.py $(ARGS)

screenshots: ## the screenshots of the documentation and of the Apps page, anew
	@dev/setup test
	@$(PYTHON) dev/screenshots/run.py $(ARGS)

clean: ## stops all that was started from here and removes all that was built
	@dev/clean
