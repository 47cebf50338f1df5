# `make demo` and `make test` install what is missing, and do all the rest.
.PHONY: help demo test build deb lint format clean packages test-packages deb-packages

SWIFT_FLAGS = -c release --static-swift-stdlib

help:
	@echo "make demo    start everything on this machine and print a URL"
	@echo "make test    run every test"
	@echo "make build   build the worker: .build/release/dashboard-state-fcgi"
	@echo "make deb     make a Debian package of it"
	@echo "make lint    check the style;  make format  put it right"

packages:
	@deploy/check-swift
	@deploy/install-packages

test-packages:
	@deploy/install-packages tests

deb-packages:
	@deploy/install-packages package

deb: deb-packages build
	@deploy/build-deb

build: packages
	swift build $(SWIFT_FLAGS) --product dashboard-state-fcgi

demo: build
	@exec deploy/demo

test: export DASHBOARD_STATE_WORKER = $(CURDIR)/.build/release/dashboard-state-fcgi
test: test-packages deb lint
	swift test
	Tests/Web/run
	Tests/Servers/run
	Tests/Package/run
	deploy/demo --check

lint:
	swift format lint --strict --recursive Sources Tests Package.swift

format:
	swift format --in-place --recursive Sources Tests Package.swift

clean:
	rm -rf .build .build-web .build-deb .build-package dashboard-state_*.deb
