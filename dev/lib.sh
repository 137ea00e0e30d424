# Sourced by the scripts of dev/: where things are, and the few functions they share.
# shellcheck shell=bash disable=SC2034  # used by those who source it

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
DEV=$ROOT/.dev # everything that is built or downloaded; ignored by git, removed by `make clean`
VENV=$DEV/venv
LINT_VENV=$DEV/lint-venv
ODOO_TREE=$DEV/odoo19
ODOO_LIB=$ODOO_TREE/usr/lib/python3/dist-packages
QUEUE_TREE=$DEV/queue_job # its addons folder: odoo/addons
BESIDE_TREE=$DEV/beside   # likewise
CYRUS_TREE=$DEV/cyrus
DB_USER=odoo

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Runs a command as root, through sudo if necessary.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "you need root rights (or sudo) for: $*"
    fi
}

# debian_mirror [-updates|-security]: where apt gets this machine's own Debian from, or that part of it.
debian_mirror() {
    local codename
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format '$(CODENAME)|$(REPO_URI)' | sed -n "s/^$codename${1:-}|//p" | head -n 1
}

# The newest PostgreSQL from Debian's packages, whatever else is on PATH.
pg_bin() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
    [ -n "$newest" ] || die "PostgreSQL is not installed. Run dev/setup."
    dirname "$newest"
}

# Where the private cluster is: a folder that dev/cluster chose and noted.
pg_home() {
    cat "$DEV/pg.path" 2>/dev/null || true
}

# Points libpq (psql, createdb, Odoo, psycopg2) at the private cluster and at nothing else.
export_pg() {
    local name
    for name in ${!PG*}; do
        unset "$name" # PGDATABASE, PGSERVICE, PGPASSWORD, …: they belong to another database
    done
    export PGHOST PGPORT=5432 PGUSER=$DB_USER
    PGHOST=$(pg_home)/run
}

# Which Odoo is used: the downloaded one, or an existing one named by ODOO=/path/to/odoo-bin.
odoo_command() {
    if [ -z "${ODOO:-}" ]; then
        ODOO_CMD=("$VENV/bin/python" "$ODOO_TREE/usr/bin/odoo")
    elif [ -n "${ODOO_PYTHON:-}" ]; then
        ODOO_CMD=("$ODOO_PYTHON" "$ODOO")
    else
        ODOO_CMD=("$ODOO") # its own interpreter, as its first line says
    fi
}

# Writes the configuration that every Odoo command reads (through ODOO_RC).
export_odoo_rc() {
    local rc=$DEV/odoo.conf new
    # A process of tests, and a server without workers, needs more address space than Odoo allows a worker.
    new="# Written by dev/lib.sh at every start. Changes made here are lost.
[options]
addons_path = ${ODOO_ADDONS:+$ODOO_ADDONS,}$ROOT
data_dir = $DEV/data
db_host = $(pg_home)/run
db_port = 5432
db_user = $DB_USER
http_interface = 127.0.0.1
workers = 0
limit_memory_hard = 0"
    if [ "$new" != "$(cat "$rc" 2>/dev/null)" ]; then
        printf '%s\n' "$new" >"$rc.$$"
        mv "$rc.$$" "$rc" # nobody ever reads half a file
    fi
    export ODOO_RC=$rc
}
