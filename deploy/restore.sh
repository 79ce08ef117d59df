#!/usr/bin/env bash
# Put a backup back. Stop the web and worker units first.
#
#   deploy/restore.sh BACKUP          says what it would do
#   deploy/restore.sh BACKUP --yes    does it; what was there is kept beside it (SQLite, files) until you remove it
#
# Afterwards: `flask --app wsgi db upgrade` (the backup may be older) and `flask --app wsgi ledger verify`.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$here/.venv/bin/python}
backup=$(cd "${1:?usage: restore.sh BACKUP [--yes]}" && pwd)
mkdir -p "${TICKETING_VAR:-$here/var}"
var=$(cd "${TICKETING_VAR:-$here/var}" && pwd)
url=${DATABASE_URL:-sqlite:///$var/ticketing.db}
stamp=$(date -u +%Y%m%dT%H%M%SZ)

(cd "$backup" && sha256sum --check --quiet SHA256SUMS)
case $url in
sqlite:///*) kind=sqlite ;;
postgresql*) kind=dump ;;
*) echo "DATABASE_URL is neither sqlite:/// nor postgresql+psycopg://" >&2; exit 2 ;;
esac
if [ ! -f "$backup/database.$kind" ]; then
    echo "This backup holds $(cd "$backup" && echo database.*), but DATABASE_URL wants database.$kind." >&2
    exit 2
fi
echo "Backup:   $backup (checksums right)"
echo "Database: ${url%%:*}, everything in it is replaced"
echo "Files:    $var, present ones move to $var/before-restore-$stamp"
[ "${2:-}" = --yes ] || { echo "Nothing was changed. Add --yes to do it."; exit 0; }

if [ "$kind" = sqlite ]; then
    path=${url#sqlite:///}
    "$python" - "$backup/database.sqlite" "$path" "$path.before-restore-$stamp" <<'PY'
import pathlib, shutil, sqlite3, sys
source, path, aside = map(pathlib.Path, sys.argv[1:])
draft = path.with_name(path.name + ".draft")
if path.exists():
    present = sqlite3.connect(path, isolation_level=None, timeout=2)
    try:  # leaving WAL needs the file for oneself: any other open connection, even an idle one, stops it
        present.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        sys.exit(f"The database is in use ({error}): stop the web and worker units first.")
    present.close()
path.parent.mkdir(parents=True, exist_ok=True)
shutil.copyfile(source, draft)
if path.exists():
    path.rename(aside)
for suffix in ("-wal", "-shm"):
    path.with_name(path.name + suffix).unlink(missing_ok=True)
draft.rename(path)
PY
else
    # One transaction: either all of the backup is there afterwards, or nothing has changed.
    pg_restore --dbname="postgresql${url#postgresql+psycopg}" --clean --if-exists --no-owner --no-privileges \
        --single-transaction --exit-on-error "$backup/database.dump"
fi

aside=$var/before-restore-$stamp
mkdir "$aside"
find "$var" -mindepth 1 -maxdepth 1 ! -name 'ticketing.db*' ! -name bench ! -name 'before-restore-*' \
    -exec mv -t "$aside" {} +
rmdir "$aside" 2>/dev/null || true
tar -C "$var" --exclude='./before-restore-*' -xzf "$backup/files.tar.gz"
echo "Restored. Next: flask --app wsgi db upgrade; flask --app wsgi ledger verify; start the units."
