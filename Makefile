# Every target first installs what it needs. Everything it builds goes to .dev/ (see docs/development.md).
#   make demo ARGS=--check      make test ARGS='-k cursor'      make bench ARGS=--help
ARGS ?=
PYTHON = .dev/venv/bin/python
.DEFAULT_GOAL = help
.PHONY: help setup demo check test test-odoo lint i18n dist bench differential screenshots clean

help: ## lists these commands
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## installs everything that the other commands need
	@dev/setup test lint bench differential

demo: ## runs Odoo with the addon and a demo mailbox at http://localhost:8069 until Ctrl-C
	@dev/setup
	@$(PYTHON) dev/demo/run.py $(ARGS)

check: ## runs all linters and the tests that need no Odoo: a minute or two, for the inner loop
	@dev/check $(ARGS)

test: ## runs all tests with pytest, in three processes
	@dev/test $(ARGS)

test-odoo: ## runs the addon's own tests the way Odoo does
	@dev/test-odoo $(ARGS)

lint: ## runs all linters on the files in git, and fixes what they can fix
	@dev/setup lint
	@dev/tool pre-commit run --all-files $(ARGS)

i18n: ## regenerates the translation templates and updates the .po files
	@dev/i18n

dist: ## builds a wheel of each addon in .dev/dist
	@dev/dist $(ARGS)

bench: ## measures what reading and filing emails costs, compared with other programs
	@dev/setup bench
	@$(PYTHON) dev/bench/run.py $(ARGS)

differential: ## compares what our parser and two others read in the emails below MAIL_CORPUS
	@dev/setup lint differential
	@$(PYTHON) dev/differential/run.py $(ARGS)

screenshots: ## retakes the screenshots for the documentation and the Apps page
	@dev/setup test
	@$(PYTHON) dev/screenshots/run.py $(ARGS)

clean: ## stops everything that was started from here and removes everything that was built
	@dev/clean
