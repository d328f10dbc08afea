# The commands of every day, by name. Each is one line of Bazel: see CONTRIBUTING.md.

.PHONY: help build test bench format lint ide

help:
	@echo "make build | test | bench | format | lint | ide"

build:
	./bazelw build //...

test:
	./bazelw test //...

bench:
	./bazelw run -c opt //benchmarks:peers

format:
	./bazelw run //:format

lint:
	./bazelw run //:lint

# compile_commands.json, for clangd and the editors that use it.
ide:
	tools/build/ide/compile_commands.py
