# The commands of the README. `make demo` and `make test` install what is missing (saying what), build and run; run again,
# they install nothing. Everything is built in build/.
BUILD := build
JOBS  := $(shell nproc)

.PHONY: help install build demo test bench bench-models bench-tiny bench-fronts bench-mobilenet bench-compiler \
  bench-host bench-accuracy bench-exhaustive docs asan fuzz clean

help:
	@echo "make demo   install what is missing, build, and run the main job on real sensor recordings"
	@echo "make test   install what is missing, build and run all tests"
	@echo "make build  build/mote"
	@echo "make bench  the measured figures of the README"
	@echo "make bench-models  every .tflite model of MOTE_DATA as firmware"
	@echo "make bench-tiny  the models of MLPerf Tiny beside TensorFlow Lite Micro with CMSIS-NN"
	@echo "make bench-fronts  what budgets of RAM and flash, compression and tuning make of these models"
	@echo "make bench-mobilenet  MobileNetV2 in budgets of RAM"
	@echo "make bench-compiler  seconds and memory of mote compile for 10 to 1,000 layers"
	@echo "make bench-host  1,000 windows evaluated on this machine, beside LiteRT"
	@echo "make bench-accuracy  what models get right on labelled data, as published and as mote quantizes them"
	@echo "make bench-exhaustive   every float of every elementary function, a million layers of each kind, 100,000 windows (hours)"
	@echo "make fuzz   every reader of foreign files for ten minutes under sanitizers (clang 14)"
	@echo "make docs   the pages of docs/ that are made from registries"
	@echo "make asan   the tests under AddressSanitizer and UndefinedBehaviorSanitizer"

install:
	@tools/install.sh

$(BUILD)/build.ninja: CMakeLists.txt
	@cmake -G Ninja -B $(BUILD) -DCMAKE_BUILD_TYPE=Release > $(BUILD)-configure.log 2>&1 || \
	  { cat $(BUILD)-configure.log; exit 1; }
	@mv $(BUILD)-configure.log $(BUILD)/configure.log

build: install $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target mote -j $(JOBS)

demo: build
	@examples/demo.sh

test: install $(BUILD)/build.ninja
	@cmake --build $(BUILD) -j $(JOBS)
	@tools/python_env.sh $(BUILD)/oracles
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

bench: build
	@python3 bench/figures.py
	@python3 bench/compiler.py
	@python3 bench/tiny.py
	@python3 bench/fronts.py
	@python3 bench/mobilenet.py
	@tools/python_env.sh $(BUILD)/oracles
	@$(BUILD)/oracles/bin/python bench/host.py

bench-models: build
	@python3 bench/models.py

bench-tiny: build
	@python3 bench/tiny.py

bench-fronts: build
	@python3 bench/fronts.py

bench-mobilenet: build
	@python3 bench/mobilenet.py

bench-compiler: build
	@python3 bench/compiler.py

bench-host: build
	@tools/python_env.sh $(BUILD)/oracles
	@$(BUILD)/oracles/bin/python bench/host.py

bench-accuracy: build
	@tools/python_env.sh $(BUILD)/oracles
	@$(BUILD)/oracles/bin/python bench/accuracy.py

bench-exhaustive: install $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target mote_ports_test mote_core_test mote_ops_test mote_conformance_test -j $(JOBS)
	@tools/python_env.sh $(BUILD)/oracles
	@MOTE_CONFORMANCE_CASES=200 MOTE_MODEL_INPUTS=1000 ctest --test-dir $(BUILD) --output-on-failure -L oracles
	@MOTE_EXHAUSTIVE=1 ctest --test-dir $(BUILD) --output-on-failure -R FloatMath
	@MOTE_LAYERS=1000000 ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) --timeout 100000 -R '^Variants'
	@bench/exhaustive.sh $(BUILD)

docs: install $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target docs -j $(JOBS)

asan: install
	@cmake --preset host-asan && cmake --build --preset host-asan -j $(JOBS)
	@ctest --test-dir build-asan --output-on-failure -j $(JOBS)

fuzz: install
	@cmake --preset fuzz > /dev/null && cmake --build build-fuzz --target fuzz_programs -j $(JOBS)
	@tests/fuzz/fuzz.sh build-fuzz

clean:
	@rm -rf $(BUILD) build-asan build-fuzz
