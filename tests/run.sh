#!/usr/bin/env bash
# Formats, lints, tests and documents the whole project. Sets up what it needs on a bare machine with Rust and apt.
# Tests need no network beyond the package registries at set-up; tests on real market data skip, saying so, where
# ../shared/data is absent.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "tools"
if ! command -v cargo >/dev/null 2>&1; then
  echo "cargo is not on the path: install Rust 1.95 or newer first" >&2
  exit 2
fi
for component in rustfmt clippy; do
  if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1; then
    rustup component add "$component"
  fi
done
if ! command -v cc >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y -qq gcc libc6-dev
fi
cargo --version

export CARGO_INCREMENTAL=0
step "format"
cargo fmt --all -- --check
step "lint"
cargo clippy --quiet --all-targets --all-features --locked -- -D warnings
step "test"
cargo test --quiet --all-features --locked --lib --bins --tests
step "documentation tests"
cargo test --quiet --all-features --locked --doc
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --all-features --no-deps --locked
step "all green"
