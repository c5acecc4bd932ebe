#!/usr/bin/env bash
# Refuses every TCP connection without TLS. For a container's /docker-entrypoint-initdb.d; elsewhere
# write "hostssl" instead of "host" into pg_hba.conf yourself.
set -euo pipefail

sed -i -E 's/^host([[:space:]]+all[[:space:]]+all[[:space:]]+all[[:space:]])/hostssl\1/' "$PGDATA/pg_hba.conf"
grep -q '^hostssl' "$PGDATA/pg_hba.conf"
