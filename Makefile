# `make demo` and `make test` install what is missing, and do all the rest.
.PHONY: help demo test soak build web deb image settings lint format bench bench-micro bench-results bench-packages clean packages \
    test-packages web-packages deb-packages image-packages

SWIFT_FLAGS = -c release --static-swift-stdlib
# A program that runs the worker beside other services, where there is one: bench/README.md.
BENCH_PEERS ?= $(wildcard ../shared/bench/run)

help:
	@echo "make demo    start everything on this machine and print a URL"
	@echo "make test    run every test"
	@echo "make soak    run what takes hours"
	@echo "make build   build the worker: .build/release/dashboard-state-fcgi"
	@echo "make web     make one module and a package for npm of the client for browsers"
	@echo "make deb     make a Debian package of all of it"
	@echo "make image   make a container image of that package"
	@echo "make settings  write what docs/configuration.md and the manual say of settings, from the table in the code"
	@echo "make lint    check the style;  make format  put it right"
	@echo "make bench   measure the worker;  make bench-micro, make bench-results: see bench/README.md"

packages:
	@deploy/check-swift
	@deploy/install-packages

test-packages:
	@deploy/install-packages tests

deb-packages:
	@deploy/install-packages package

image-packages:
	@deploy/install-packages image

web-packages:
	@deploy/install-packages web

web: web-packages
	@deploy/build-web

deb: deb-packages build web
	@deploy/build-deb

image: image-packages deb
	@deploy/container/build dashboard-state_*.deb

build: packages
	swift build $(SWIFT_FLAGS) --product dashboard-state-fcgi

settings: packages
	swift run setting-texts

demo: build
	@exec deploy/demo

test: export DASHBOARD_STATE_WORKER = $(CURDIR)/.build/release/dashboard-state-fcgi
test: test-packages deb lint
	swift test
	bench/run --quick
	bench/report --quick --no-plots
	Tests/Bench/run
	bench/instructions --check
	bench/tls --only get-2k
	Tests/Redis/run
	Tests/Histories/run
	Tests/Operate/run
	Tests/Web/run
	Tests/Servers/run
	Tests/Documentation/run
	Tests/Package/run
	Tests/Container/run
	deploy/demo --check

# What takes hours, all in all. A line each.
soak: export DASHBOARD_STATE_WORKER = $(CURDIR)/.build/release/dashboard-state-fcgi
soak: test-packages build
	Tests/FuzzTests/run 2000000
	FUZZ_RUNS=1000000 swift test -c release -Xswiftc -enable-testing --scratch-path .build-soak \
	    --filter 'FuzzTests|StreamTests'
	env -u DASHBOARD_STATE_WORKER ASAN_OPTIONS=detect_leaks=0 swift test --sanitize=address \
	    --scratch-path .build-asan --skip 'MemoryTests|MemoryReturnTests|aWorkerNeedsLittleMemory'
	Tests/Histories/run --soak
	Tests/Late/run
	Tests/Servers/run --slow
	Tests/Servers/run --rolling --requests 1000000
	SCHEDULES=10000 FIRST_SEED=100001 node --test --test-reporter=spec Tests/Web/simulation/simulation.test.js

bench-packages:
	@deploy/install-packages bench
	@$(if $(BENCH_PEERS),deploy/install-packages bench-peers)

bench: bench-packages build
	bench/run
	$(if $(BENCH_PEERS),bench/run --peers $(BENCH_PEERS))

bench-micro: bench-packages
	bench/micro

bench-results: bench-packages build
	bench/report $(if $(BENCH_PEERS),--peers $(BENCH_PEERS))

lint:
	swift format lint --strict --recursive Sources Tests bench/Micro deploy/SettingTexts Package.swift

format:
	swift format --in-place --recursive Sources Tests bench/Micro deploy/SettingTexts Package.swift

clean:
	rm -rf .build .build-asan .build-bench .build-client .build-container .build-deb .build-fuzz .build-histories .build-instructions .build-micro .build-operate .build-package \
	    .build-redis .build-soak .build-web dashboard-state_*.deb dashboard-state-*.tgz \
	    dashboard-state_*.oci.tar
