#!/usr/bin/env bash
# Save the database and the attachments while the system runs.
#
#   deploy/backup.sh FOLDER        reads DATABASE_URL and TICKETING_VAR like the product does
#
# Makes FOLDER/closed-loop-<UTC time>/ with the database, the files and their checksums; the folder appears only
# when all of it is written and proven readable. KEEP=14 newest are kept. Timer or cron: once an hour at most.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$here/.venv/bin/python}
var=$(cd "${TICKETING_VAR:-$here/var}" && pwd)
url=${DATABASE_URL:-sqlite:///$var/ticketing.db}
keep=${KEEP:-14}
target=${1:?usage: backup.sh FOLDER}

mkdir -p "$target"
name=closed-loop-$(date -u +%Y%m%dT%H%M%SZ)
draft=$target/.$name.draft
trap 'rm -rf "$draft"' EXIT
mkdir "$draft"

# The database first: an attachment is on disk before its row is written, so every row saved has its file.
case $url in
sqlite:///*)
    "$python" - "${url#sqlite:///}" "$draft/database.sqlite" <<'PY'
import sqlite3, sys
source = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=30)
target = sqlite3.connect(sys.argv[2])
source.backup(target, pages=2000, sleep=0.01)
answer = target.execute("PRAGMA integrity_check").fetchone()[0]
target.execute("PRAGMA journal_mode=DELETE")
target.close()
sys.exit(0 if answer == "ok" else f"the copy is damaged: {answer}")
PY
    ;;
postgresql*)
    pg_dump --dbname="postgresql${url#postgresql+psycopg}" --format=custom --no-owner --no-privileges \
        --file="$draft/database.dump"
    pg_restore --list "$draft/database.dump" >/dev/null
    ;;
*)
    echo "DATABASE_URL is neither sqlite:/// nor postgresql+psycopg://" >&2
    exit 2
    ;;
esac

tar -C "$var" --exclude='./ticketing.db*' --exclude=./bench --exclude='./before-restore-*' -czf "$draft/files.tar.gz" . || [ $? = 1 ] # 1: a file grew
tar -tzf "$draft/files.tar.gz" >/dev/null
(cd "$draft" && sha256sum database.* files.tar.gz >SHA256SUMS)
sync
mv "$draft" "$target/$name"

find "$target" -maxdepth 1 -type d -name 'closed-loop-*Z' | sort -r | tail -n +"$((keep + 1))" | xargs -r rm -rf
echo "$target/$name"
