#!/usr/bin/env bash
# Sees to it that the programs and libraries are there that a build or the tests need.
#
#   tools.sh build | test
#
# Installs Debian packages where it may (root and apt-get); otherwise names what is missing and the command that
# installs it, and fails.
set -euo pipefail

packages=()
unavailable=()

# package PACKAGE TEST…: Debian's PACKAGE is wanted when the test fails.
package() {
    local name=$1
    shift
    "$@" >/dev/null 2>&1 || packages+=("$name")
}

# by_hand WHAT HOW TEST…: what apt-get cannot give in the version needed.
by_hand() {
    local what=$1 how=$2
    shift 2
    "$@" >/dev/null 2>&1 || unavailable+=("$what: $how")
}

rust_is_new_enough() { version_at_least "$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)" "$(rustc --version | cut -d ' ' -f 2)"; }
node_is_new_enough() { version_at_least 20 "$(node --version | tr -d v)" && npm --version; }
version_at_least() { printf '%s\n' "$1" "$2" | sort --version-sort --check=quiet; }
has_libpq() { pkg-config --exists libpq || pg_config --version; }
has_postgres() { [ -n "${TEST_DATABASE_URL:-}" ] || command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }
has_chromium() { [ -x "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_chinese_font() { fc-list :lang=zh | grep -q .; }

for_build() {
    by_hand "Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer" \
        "rustup toolchain install stable (rustup itself: https://rustup.rs)" rust_is_new_enough
    by_hand "Node.js 20 or newer with npm" "install it from https://nodejs.org or with nvm install 20" node_is_new_enough
    package build-essential command -v cc
    package pkg-config command -v pkg-config
    package libpq-dev has_libpq
}

for_test() {
    for_build
    by_hand "rustfmt and clippy" "rustup component add rustfmt clippy" eval 'cargo fmt --version && cargo clippy --version'
    package postgresql has_postgres
    package chromium has_chromium
    package python3-venv python3 -c 'import ensurepip'
    package fontconfig command -v fc-list
    package fonts-noto-cjk has_chinese_font
}

case ${1:-} in
    build) for_build ;;
    test) for_test ;;
    *) echo "usage: $0 build|test" >&2; exit 64 ;;
esac

if [ ${#packages[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing ${packages[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update --quiet=2
        apt-get install --quiet=2 --yes --no-install-recommends "${packages[@]}"
    else
        unavailable+=("Debian packages (or your system's names for them): sudo apt-get install ${packages[*]}")
    fi
fi

if [ ${#unavailable[@]} -gt 0 ]; then
    echo "Missing here:" >&2
    printf '  %s\n' "${unavailable[@]}" >&2
    exit 69
fi
