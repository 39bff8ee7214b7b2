# Everything runs in .venv, made from uv.lock; uv itself is brought along where it is missing.
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON ?= python3
RUN := $(UV) run --frozen --no-sync
MODELS := --extra models
MAP := --extra map
DEMO := demo
HOME_OF ?= $(DEMO)/home

.PHONY: demo test check bench browser screens models map clean

demo: .synced-base
	@test -f $(DEMO)/gallery/metadata.csv || $(RUN) xdegrees gallery $(DEMO)/gallery
	@$(RUN) xdegrees load $(DEMO)/gallery --home $(DEMO)/home
	@$(RUN) xdegrees path key:stars-0025.jpg key:waves-0004.jpg --home $(DEMO)/home --strip $(DEMO)/path.png
ifndef ONCE
	@$(RUN) xdegrees serve --home $(DEMO)/home
endif

# Torch, torchvision and open_clip beside whatever .venv has already.
models: $(UV)
	$(UV) sync --frozen --inexact --no-dev $(MODELS) --compile-bytecode

# openTSNE, by which `xdegrees map` lays a collection out, likewise.
map: $(UV)
	$(UV) sync --frozen --inexact --no-dev $(MAP) --compile-bytecode

test: .synced-all .chromium
	$(RUN) pytest $(PYTEST_ARGS)

check: .synced-all
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports --no-logo

bench: .synced-all
	$(RUN) python -m tests.benchmarks

# The demo's graph in Neo4j with its Browser; of another home with `make browser HOME_OF=folder`.
browser: .synced-all
	@test -d $(HOME_OF) || $(MAKE) demo ONCE=1
	@$(RUN) python -m tests.browse --home $(HOME_OF) $(BROWSE_ARGS)

# The page as pictures: on a desktop, a phone, in the dark, ... of another home with `make screens HOME_OF=folder`.
screens: .synced-all .chromium
	@test -d $(HOME_OF) || $(MAKE) demo ONCE=1
	@$(RUN) python -m tests.screens $(DEMO)/screens --home $(HOME_OF)

clean:
	rm -rf .venv .uv $(DEMO)

.PHONY: .synced-base .synced-all .chromium

# What people see is tested in Debian's Chromium; where it cannot be installed those tests skip.
.chromium:
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	 { apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium >/dev/null; } || true

# The base alone where there is nothing yet; an environment that has more already is left as it is.
.synced-base: $(UV)
	@test -x .venv/bin/xdegrees || $(UV) sync --frozen --no-dev --compile-bytecode

.synced-all: $(UV)
	$(UV) sync --frozen $(MODELS) $(MAP) --compile-bytecode

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv
