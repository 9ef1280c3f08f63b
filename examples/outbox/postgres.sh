#!/usr/bin/env bash
# Runs a Postgres of your own until Ctrl-C: examples/outbox/postgres.sh [FOLDER [PORT]]
#
# It keeps its data in the folder, listens on this machine alone, and lets everybody in who is on it.
set -euo pipefail

folder=$(realpath -m "${1:-${TMPDIR:-/tmp}/typed-sse-outbox}")
port=${2:-5440}

fail() {
    printf 'postgres.sh: %s\n' "$*" >&2
    exit 1
}

# Debian keeps the server in a folder of its version, which is on nobody's PATH.
for programs in /usr/lib/postgresql/*/bin; do PATH="$programs:$PATH"; done
command -v postgres initdb >/dev/null || fail "no \`postgres\` here: apt-get install postgresql"

mkdir -p "$folder"
as=()
if [ "$(id -u)" = 0 ]; then
    # It refuses to run as root.
    id postgres >/dev/null 2>&1 || fail "root may not run Postgres, and there is no user \`postgres\`: run this as another user"
    chown postgres: "$folder"
    as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
cd /
if [ ! -e "$folder/PG_VERSION" ]; then
    "${as[@]}" initdb --auth=trust --username=postgres --encoding=UTF8 --locale=C -D "$folder" >/dev/null
fi
echo "postgres://postgres@127.0.0.1:$port/postgres"
exec "${as[@]}" postgres -D "$folder" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories=
