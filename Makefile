# make run: set up, build the snapshot, serve the chat on this machine.  make test: set up and run all tests.
# Both are quick the second time: a stamp in .venv says what is already installed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TORCH := $(shell sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)

.PHONY: run test setup check crash crowd slack-load term slack-types bench pages pictures clean

run: setup
	@$(BIN)/touchstone build
	@exec $(BIN)/touchstone serve

setup: $(VENV)/serve.stamp

$(VENV)/serve.stamp: requirements/serve.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Touchstone needs Python 3.11 or later; say which with: make PYTHON=python3.11")'
	@echo "Setting up in $(VENV) (once; some 450 MB)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --no-deps -r requirements/serve.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/serve.stamp requirements/test.lock
	@echo "Setting up what the tests need (once; torch among it)"
	@$(PIP) install $(TORCH)
	@$(PIP) install --require-hashes --no-deps -r requirements/test.lock
	@touch $@

test: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not alone" --numprocesses auto --dist worksteal -p tests.slack.typed
	$(BIN)/pytest -m alone

check: test

# The long form of the crash test: 23 kills at each of eleven points on each engine (make test does two).
crash: $(VENV)/test.stamp
	TOUCHSTONE_CRASH_CYCLES=23 $(BIN)/pytest tests/crash -q

# Fifty people who send at once, 20 times on each engine; prints how long they wait. Nothing else should run meanwhile.
crowd: $(VENV)/test.stamp
	TOUCHSTONE_CROWD_ROUNDS=20 $(BIN)/pytest tests/load/test_crowd.py -q -s

# Twenty messages a second in Slack while people fill in forms, for a minute, then with a Slack that takes 100 ms for each
# call; prints how long they wait. Nothing else should run meanwhile.
slack-load: $(VENV)/test.stamp
	TOUCHSTONE_SLACK_SECONDS=60 $(BIN)/pytest tests/load/test_slack_at_work.py -q -s
	TOUCHSTONE_SLACK_SECONDS=60 TOUCHSTONE_SLACK_MILLISECONDS=100 $(BIN)/pytest tests/load/test_slack_at_work.py -q -s

# A term with 10,000 reports, absences and holidays; prints figures, draws the picture (some 30 min). make test does 60.
term: $(VENV)/test.stamp
	TOUCHSTONE_TERM_CASES=10000 TOUCHSTONE_TERM_PLOT=docs/pictures/term.svg $(BIN)/pytest tests/load/test_term.py -q -s

# Whatever the tests of Slack render, checked by TypeScript with Slack's own @slack/types, which npm brings. make test
# does it too, where npm answers.
slack-types: $(VENV)/test.stamp
	$(BIN)/pytest tests/slack -q -p tests.slack.typed

# Times and memory, measured anew into docs/performance.md. Nothing else should run on the machine.
bench: setup
	$(BIN)/python -m benchmarks --into docs/performance.md

# How long the server takes for each page, a hundred times each; prints a table. Nothing else should run meanwhile.
pages: $(VENV)/test.stamp
	TOUCHSTONE_PAGE_ROUNDS=100 $(BIN)/pytest tests/pages/test_times.py -q -s

# The pictures of the documentation, taken anew by the end-to-end test and the test of all pages, which writes docs/tour.md.
pictures: $(VENV)/test.stamp
	TOUCHSTONE_PICTURES=docs/pictures $(BIN)/pytest tests/end_to_end tests/pages -q

clean:
	rm -rf $(VENV) var
