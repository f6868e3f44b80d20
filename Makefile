# parlab: `make demo` measures this machine, `make test` passes all tests. Both set up .venv from pinned versions.

PYTHON ?= python3
ifeq ($(OS),Windows_NT)
  BIN := .venv/Scripts
else
  BIN := .venv/bin
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
SOURCES := parlab tests benchmarks

# Whatever is started here starts many a Python, and each would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo lab test lint extending faults fuzz load soak security browser interrupts benchmarks
.PHONY: notebooks notebooks-all notebooks-table slides docs docs-check nbgrader nbgrader-release
.PHONY: dist dist-check bundle bundle-check pictures clean

demo: .venv/.base
	$(BIN)/parlab demo

lab: .venv/.lab
	$(BIN)/parlab lab

# Three at once, because tests often wait for somebody: two cores are never idle then, and each more collects all tests
# again. tests/helpers/scheduling.py says what stays together. A test that hangs has failed after ten minutes, what each of
# its threads waits for is shown, and the others go on.
test: .venv/.dev .venv/.nbgrader
	$(BIN)/python -m pytest --numprocesses 3 --dist loadscope -o faulthandler_timeout=600 -o faulthandler_exit_on_timeout=true

# Every fault on every engine with every start method, about half an hour; the table goes to benchmarks/faults.md.
faults: .venv/.dev
	$(BIN)/python -m pytest tests/faults --all-faults --faults-table benchmarks/faults.md

# Every reader of files and texts with damaged input, for so many minutes by Hypothesis, and by Atheris (Linux) as well:
# `make fuzz MINUTES=1`. What leaks is kept in build/fuzz.
fuzz: MINUTES ?= 10
fuzz: .venv/.fuzz
	$(BIN)/python tests/fuzz/all_readers.py $(MINUTES) $(READERS)

# Much of everything, and too little room, on every engine: an hour or two; the table goes to build/load.md, and by hand
# from there to benchmarks/load.md.
load: .venv/.dev
	mkdir -p build
	$(BIN)/python -m pytest tests/load --all-load --load-table build/load.md

# Random sweeps with random faults from one process, which must not grow; the curve goes to build/soak.
soak: MINUTES ?= 20
soak: .venv/.dev
	$(BIN)/python tests/load/soak.py --minutes $(MINUTES) --folder build/soak

# What CONTRIBUTING.md says of adding something, done to a copy of the clone, each step left out in turn: a quarter of an hour.
extending: .venv/.dev
	$(BIN)/python -m pytest tests/extending --all-steps

# Every command and every notebook in a network of its own: who listens? A quarter of an hour, on Linux.
security: .venv/.dev
	$(BIN)/python -m pytest tests/security --all-listeners

# Every notebook in JupyterLab and the system's Chromium; the pictures go to screenshots/.
browser: .venv/.dev
	$(BIN)/python -m pytest tests/browser --all-notebooks

# Everything that runs in a notebook, stopped in the browser in every way, about an hour; the table: benchmarks/interrupts.md.
interrupts: .venv/.dev
	$(BIN)/python -m pytest tests/browser/test_interrupts.py --interrupts --interrupts-table benchmarks/interrupts.md

# What parlab costs beside bare engines and other tools; the page goes to benchmarks/results.md. Wants a machine at rest,
# and hyperfine (apt-get install hyperfine).
benchmarks: .venv/.bench
	$(BIN)/python benchmarks/all.py

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks/*.py benchmarks/advice/advice.py
	$(BIN)/mypy release/*.py release/bundle/*.py tests/notebooks/every_python.py
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format --default-filetype yaml CITATION.cff
	$(BIN)/zizmor --offline --quiet .github

# Executes every committed notebook in place, so that its outputs are those of this version; one alone:
# `make notebooks NOTEBOOKS=notebooks/07_what_goes_wrong_when_you_share.ipynb`.
NOTEBOOKS ?= notebooks
notebooks: .venv/.dev
	$(BIN)/python tests/notebooks/execute.py $(NOTEBOOKS)

# The same notebooks on every Python from 3.11 to 3.14 that is found, each in an environment of its own.
notebooks-all: .venv/.dev
	$(BIN)/python tests/notebooks/every_python.py notebooks

# notebooks/README.md: what each notebook is for, and how long it runs on this machine; with NOTEBOOKS the others' seconds stay.
notebooks-table: .venv/.dev
	$(BIN)/python tests/notebooks/table_of_notebooks.py $(NOTEBOOKS)

# Notes slide types in the notebooks, and makes a deck of each; build/slides/index.html leads to all, without a network.
slides: .venv/.dev
	$(BIN)/python tests/notebooks/slides.py notebooks
	$(BIN)/python tests/notebooks/deck.py notebooks build/slides

# The site: build/docs/index.html. Warnings are errors; then every link and anchor is checked, that nothing is loaded from a
# network, and that no answer of an exercise is shown. It runs no notebook.
docs: .venv/.docs
	rm -rf build/docs
	$(BIN)/python docs/site/stage.py build/docs-pages
	$(BIN)/python -m sphinx -W --keep-going -q -E -c docs/site -d build/docs-doctrees build/docs-pages build/docs
	$(BIN)/python docs/site/check.py build/docs

# The built site in the system's Chromium, as wide as a desk and as narrow as a phone, light and dark; the pictures go to
# screenshots/site/.
docs-check: docs .venv/.dev
	$(BIN)/python docs/site/look.py build/docs screenshots/site

# The course as nbgrader's assignments in build/nbgrader; answers of made-up learners are graded, and the marks compared:
# about an hour. NBGRADER='--notebooks 01,03 --kinds mixed' takes some of them.
nbgrader: .venv/.dev .venv/.nbgrader
	PYTHONPATH=tests/helpers $(BIN)/python tests/notebooks/nbgrader_course.py build/nbgrader $(NBGRADER)

# The same folder for a teacher: nothing is handed in, and nothing graded.
nbgrader-release: .venv/.dev .venv/.nbgrader
	PYTHONPATH=tests/helpers $(BIN)/python tests/notebooks/nbgrader_course.py build/nbgrader --only-release

# Every picture that a document shows, drawn again from recorded data; a test holds that each is what its line makes.
pictures: .venv/.dev
	$(BIN)/parlab plot recorded:photos-2-cores -o docs/speedup.png
	$(BIN)/python tests/load/soak.py --redraw benchmarks/soak.csv --seed 4711 -o benchmarks/soak.png

# Wheel and sdist, built twice and looked into; their version is that of the newest tag. docs/releases.md.
dist: .venv/.dev
	$(BIN)/python release/make_dist.py

# Installs the wheel into empty environments of every Python that is found, and tries it there. Downloads; minutes each.
dist-check: dist
	$(BIN)/python release/check_dist.py $(if $(PYTHONS),--pythons "$(PYTHONS)")

# A folder for a stick, which installs parlab where there is no network: build/parlab-bundle-VERSION. It downloads.
# For others: make bundle PYTHONS="3.11 3.12" PLATFORMS="linux-x86_64 macos-arm64 windows-x86_64"
bundle: dist
	$(BIN)/python release/make_bundle.py $(if $(PYTHONS),--pythons "$(PYTHONS)") $(if $(PLATFORMS),--platforms "$(PLATFORMS)")

# Installs from that folder with the network cut off, and tries it there (Linux).
bundle-check:
	$(BIN)/python release/check_bundle.py

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "parlab needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/.base: .venv/.python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

.venv/.lab .venv/.docs .venv/.bench: .venv/.%: .venv/.python pyproject.toml constraints.txt
	$(PIP) --editable '.[$*]'
	touch $@

.venv/.dev: .venv/.python pyproject.toml constraints.txt
	$(PIP) --editable '.[dev]'
	touch $@ .venv/.base .venv/.lab

# Extras of their own, which who changes parlab need not have: nbgrader is 90 MB with its database and a second notebook
# application.
.venv/.nbgrader .venv/.fuzz: .venv/.%: .venv/.dev
	$(PIP) --editable '.[$*]'
	touch $@
