#!/usr/bin/env bash
# KurrentDB's official Node and Python clients, the GraphQL-over-HTTP audits a real identity provider and a fuzz run of the schema against the real binary. Sets itself up: needs node, npm and python3.
# SKRANKE_TEST_BIN names another binary than target/debug/skranke.
set -euo pipefail
cd "$(dirname "$0")"

binary=$(realpath "${SKRANKE_TEST_BIN:-../../target/debug/skranke}")
[ -x "$binary" ] || { echo "there is no $binary: run 'cargo build --bin skranke', or set SKRANKE_TEST_BIN"; exit 1; }

# Anew when what is wanted has changed.
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci
  cp package-lock.json node_modules/.installed
fi
# Puts what a folder's requirements.txt names into its .venv.
install() {
  cmp -s "$1/requirements.txt" "$1/.venv/.installed" && return
  rm -rf "$1/.venv"
  # Debian's python3 comes without venv: then a plain folder does.
  if python3 -m venv "$1/.venv" 2>/dev/null; then
    "$1/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$1/requirements.txt"
  else
    rm -rf "$1/.venv"
    python3 -m pip install --quiet --disable-pip-version-check --target "$1/.venv/packages" -r "$1/requirements.txt"
  fi
  cp "$1/requirements.txt" "$1/.venv/.installed"
}
# Runs a program of a folder with what is in its .venv.
run_python() {
  local python=python3
  [ -x "$1/.venv/bin/python" ] && python="$1/.venv/bin/python"
  PYTHONPATH="$PWD/$1/.venv/packages" PYTHONDONTWRITEBYTECODE=1 "$python" "$1/$2"
}
install .
install fuzz

# The short form is over within a minute. With a number in SKRANKE_TEST_FUZZ, so many documents are made up for each
# operation and each role, however long it takes.
export FUZZ_EXAMPLES=${SKRANKE_TEST_FUZZ:-3} FUZZ_SECONDS=${SKRANKE_TEST_FUZZ:+1000000}
export FUZZ_SECONDS=${FUZZ_SECONDS:-50}

# The program refuses settings that it does not know.
for name in $(compgen -e SKRANKE_); do unset "$name"; done

folder=$(mktemp -d)
servers=()
finish() {
  status=$?
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  wait
  [ "$status" = 0 ] || tail -n 30 "$folder"/*.log
  rm -rf "$folder"
}
trap finish EXIT

# Starts a server called $1 with the further arguments, and sets `address` to where its endpoint listens.
start() {
  local name=$1
  shift
  (cd "$folder" && exec env NO_COLOR=1 "$binary" serve --data "$folder/$name" --listen 127.0.0.1:0 \
    --kurrent-listen 127.0.0.1:0 --kurrent-certificate "$OLDPWD/certificate.pem" --kurrent-key "$OLDPWD/key.pem" "$@" \
    >"$folder/$name.log" 2>&1) &
  servers+=($!)
  for _ in $(seq 600); do
    address=$(sed -n 's/^KurrentDB clients connect to .*@\([^?]*\)?.*/\1/p' "$folder/$name.log")
    [ -n "$address" ] && return
    kill -0 "${servers[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  echo "the server '$name' did not start"
  exit 1
}

SKRANKE_MASTER_KEY=$("$binary" key new)
ADMIN_PASSWORD=an-invented-password
export SKRANKE_MASTER_KEY ADMIN_PASSWORD
(cd "$folder" && SKRANKE_PASSWORD=$ADMIN_PASSWORD "$binary" user add --data "$folder/writable" --tenant 0190 --login admin \
  --name "Ada Opdigtet" --role administrator)

start readable --demo
READ_ADDRESS=$address
HTTP_ADDRESS=$(sed -n 's/.*http:\/\/\([0-9.]*:[0-9]*\).*/\1/p' "$folder/readable.log" | head -n 1)
start writable --kurrent-writable
WRITE_ADDRESS=$address
BINARY=$binary
export READ_ADDRESS WRITE_ADDRESS HTTP_ADDRESS BINARY

node --test --test-reporter=spec --test-timeout=60000 --test-force-exit node.test.mjs graphql.test.mjs oidc.test.mjs
run_python . python_test.py

# A demonstration of its own: it is left in disorder.
SKRANKE_LIMITS_BURST=1000000 start fuzzed --demo
HTTP_ADDRESS=$(sed -n 's/.*http:\/\/\([0-9.]*:[0-9]*\).*/\1/p' "$folder/fuzzed.log" | head -n 1)
run_python fuzz fuzz.py
if grep -E 'ERROR|panicked' "$folder/fuzzed.log"; then
  echo "the server logged a fault while it was asked"
  exit 1
fi
