#!/usr/bin/env bash
# KurrentDB's official Node and Python clients, the GraphQL-over-HTTP audits and a real identity provider against the real binary. Sets itself up: needs node, npm and python3.
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
if ! cmp -s requirements.txt .venv/.installed; then
  rm -rf .venv
  # Debian's python3 comes without venv: then a plain folder does.
  if python3 -m venv .venv 2>/dev/null; then
    .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  else
    rm -rf .venv
    python3 -m pip install --quiet --disable-pip-version-check --target .venv/packages -r requirements.txt
  fi
  cp requirements.txt .venv/.installed
fi
python=python3
[ -x .venv/bin/python ] && python=.venv/bin/python
export PYTHONPATH="$PWD/.venv/packages" PYTHONDONTWRITEBYTECODE=1

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
"$python" python_test.py
