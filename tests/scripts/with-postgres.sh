#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL naming a PostgreSQL server on which it may create databases.
#
#   with-postgres.sh [--durable] COMMAND [ARGUMENT…]
#
# Uses the server that TEST_DATABASE_URL names already; else makes a cluster of its own in a temporary folder,
# on a loopback port of its own, and removes it when the command has ended, however it ended. Such a cluster waits for
# no disk; with --durable it does, as a server in earnest would (for measurements).
set -euo pipefail

durable=off
if [ "${1:-}" = --durable ]; then
    durable=on
    shift
fi
[ $# -gt 0 ] || { echo "usage: $0 [--durable] COMMAND [ARGUMENT…]" >&2; exit 64; }
[ -z "${TEST_DATABASE_URL:-}" ] || exec "$@"

initdb=$(command -v initdb || printf "%s\n" /usr/lib/postgresql/*/bin/initdb | sort --version-sort | tail -n 1)
if [ ! -x "$initdb" ]; then
    echo "$0: PostgreSQL's initdb is missing: apt-get install postgresql, or set TEST_DATABASE_URL" >&2
    exit 69
fi
bin=$(dirname "$(readlink -f "$initdb")")

# initdb and postgres refuse to run as root.
if [ "$(id -u)" = 0 ]; then
    as_owner() { runuser -u postgres -- "$@"; }
else
    as_owner() { "$@"; }
fi

folder=$(cd / && as_owner mktemp -d /tmp/guanxi-postgres.XXXXXX)
clean_up() {
    (cd / && as_owner "$bin/pg_ctl" stop --pgdata "$folder/data" --mode immediate --silent) 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

run_quietly() {
    (cd / && as_owner "$@") >"$folder/log" 2>&1 || { cat "$folder/log" >&2; return 70; }
}

run_quietly "$bin/initdb" --pgdata "$folder/data" --username postgres --auth trust --no-sync --encoding UTF8 --locale C.UTF-8

cat >>"$folder/data/postgresql.conf" <<END
fsync = $durable
synchronous_commit = $durable
full_page_writes = $durable
max_connections = 300
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
END

# A port may be taken: postgres notices, and another one is tried.
for attempt in 1 2 3 4 5; do
    port=$(shuf -i 20000-32000 -n 1)
    run_quietly "$bin/pg_ctl" start --pgdata "$folder/data" --log "$folder/server.log" --wait --options "-p $port" && break
    [ "$attempt" -lt 5 ] || { cat "$folder/server.log" >&2; exit 70; }
done

export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
