# Sourced by dev/setup: what each step of the set-up does. Every step can be repeated.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164  # with dev/lib.sh, in a shell with -e

# The Debian packages, each with a file that tells that it (or something as good) is there.
# An asterisk stands for a version. The first word says who needs it.
PACKAGES='
run   /usr/bin/python3                      python3
run   /usr/lib/python3*/ensurepip           python3-venv
run   /usr/lib/postgresql/*/bin/initdb      postgresql
run   /usr/lib/dovecot/imap                 dovecot-imapd
run   /usr/bin/openssl                      openssl
run   /usr/lib/*/libmagic.so.1              libmagic1
test  /usr/bin/git                          git
test  /usr/bin/chromium                     chromium
lint  /usr/bin/git                          git
bench /usr/bin/mbsync                       isync
'

# Where the packages, and our pins of Python's, are tried. More than that is a matter of luck.
OS_RELEASE=${OS_RELEASE:-/etc/os-release} # another one in tests

is_known_system() {
    # shellcheck disable=SC1090
    case $(. "$OS_RELEASE" 2>/dev/null && echo "$ID ${VERSION_ID:-}") in
        'debian 12' | 'debian 13') ;;
        *) return 1 ;;
    esac
}

# On any other system this goes on only if all that comes from Debian is there already.
check_system() { # the words of dev/setup, each between spaces
    local name
    if is_known_system; then return; fi
    if [ -z "$(missing_packages "$1")" ] && { [ -n "${ODOO:-}" ] || is_done odoo "$ODOO_KEY"; }; then return; fi
    # shellcheck disable=SC1090
    name=$(. "$OS_RELEASE" 2>/dev/null && echo "$PRETTY_NAME") || name=$(uname -s)
    die "$name is not supported: use Debian 12 or 13, in a container or a virtual machine, or install the addon in your own Odoo 19 as README.md says"
}

missing_packages() { # the words of dev/setup, each between spaces
    local who file package found=""
    while read -r who file package; do
        case "$1" in *" $who "*) ;; *) continue ;; esac
        compgen -G "$file" >/dev/null || found+="${found:+ }$package"
    done < <(grep . <<<"$PACKAGES")
    printf '%s' "$found"
}

# Installing PostgreSQL or Dovecot would also start services of the machine's own. We only want the
# programs: while we install, policy-rc.d forbids every start and no cluster is created, and what
# we brought in is disabled. Both files are gone afterwards.
step_packages() {
    local policy=/usr/sbin/policy-rc.d no_cluster=/etc/postgresql-common/createcluster.d/zz-crm-member-mail.conf
    UNDO=()
    trap 'as_root rm -f "${UNDO[@]}"' EXIT
    export DEBIAN_FRONTEND=noninteractive
    if [ ! -e "$policy" ]; then
        UNDO+=("$policy")
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy"
        as_root chmod 755 "$policy"
    fi
    if [ ! -e "$no_cluster" ]; then
        UNDO+=("$no_cluster")
        as_root mkdir -p "${no_cluster%/*}"
        echo 'create_main_cluster = false' | as_root tee "$no_cluster"
    fi
    as_root apt-get -q update
    # shellcheck disable=SC2086  # a list of words
    as_root apt-get -qy --no-install-recommends install $MISSING_PACKAGES
    [ -d /run/systemd/system ] || return 0
    case " $MISSING_PACKAGES " in *" postgresql "*) as_root systemctl disable --now postgresql.service ;; esac
    case " $MISSING_PACKAGES " in *" dovecot-imapd "*) as_root systemctl disable --now dovecot.service dovecot.socket ;; esac
}

# apt with lists and caches of our own: the machine's sources stay as they are.
private_apt() {
    local apt=$DEV/apt
    apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State="$apt/state" -o Dir::State::status=/var/lib/dpkg/status \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# Reads what there is in these suites; `rm -rf "$DEV/apt"` when done: it is 150 MB for two.
begin_private_apt() {
    local apt=$DEV/apt uri suite
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state" "$apt/debs"
    uri=$(debian_mirror)
    [ -n "$uri" ] || die "there is no Debian mirror in apt's sources"
    for suite; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
    done >"$apt/sources.list"
    private_apt update
}

# Odoo 19 comes from Debian's unstable suite, unpacked and not installed: its Python packages come
# from requirements.txt. The others hold the fonts and scripts which its files are links to; from
# the machine's own release, because unstable's Font Awesome lacks the files that Odoo wants.
ODOO_KEY="odoo-19 4"
LINKED_PACKAGES="libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome
    fonts-inconsolata fonts-ocr-b fonts-roboto-unhinted"

step_odoo() {
    local apt=$DEV/apt release deb stub
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    begin_private_apt unstable "$release"
    cd "$apt/debs"
    # shellcheck disable=SC2046,SC2086  # lists of words
    private_apt download odoo-19/unstable fonts-montserrat/unstable $(printf "%s/$release " $LINKED_PACKAGES)
    rm -rf "$ODOO_TREE.new"
    mkdir "$ODOO_TREE.new"
    for deb in *.deb; do
        dpkg-deb -x "$deb" "$ODOO_TREE.new"
    done
    # Debian leaves this library out (the blurred background of video calls). Odoo's pages then log an
    # error in the browser's console, and every browser test takes that for a failure.
    stub=$ODOO_TREE.new/${ODOO_LIB#"$ODOO_TREE"/}/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    if [ ! -e "$stub" ]; then
        mkdir -p "$(dirname "$stub")"
        echo "// Not in Debian's package: a stand-in by dev/steps.sh of crm_member_mail." >"$stub"
    fi
    rm -rf "$ODOO_TREE"
    mv "$ODOO_TREE.new" "$ODOO_TREE"
    rm -rf "$apt"
    echo "broken links:"
    find "$ODOO_TREE" -xtype l
}

# Cyrus is a second mail server for tests, unpacked and not installed: its package brings a service, a
# mail transport agent and cron jobs, all of which the machine is to be left alone with. We take its
# programs, and the libraries that the machine lacks (not the largest one, which its virus scanner needs).
CYRUS_KEY="cyrus-imapd 1"

step_cyrus() {
    local apt=$DEV/apt packages deb
    begin_private_apt "$(. /etc/os-release && echo "$VERSION_CODENAME")"
    packages=$(private_apt --simulate --no-install-recommends --reinstall install cyrus-imapd cyrus-common |
        sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -E '^(cyrus|lib)' | grep -v clamav)
    cd "$apt/debs"
    # shellcheck disable=SC2086  # a list of words
    private_apt download $packages
    rm -rf "$CYRUS_TREE.new"
    mkdir "$CYRUS_TREE.new"
    for deb in *.deb; do
        dpkg-deb -x "$deb" "$CYRUS_TREE.new"
    done
    rm -rf "$CYRUS_TREE.new/usr/share" "$CYRUS_TREE"
    mv "$CYRUS_TREE.new" "$CYRUS_TREE"
    rm -rf "$apt"
}

python_key() {
    cat "$ROOT/requirements.txt" "$ROOT/dev/requirements.txt" | cksum
}

# make_venv FOLDER REQUIREMENTS
make_venv() {
    [ -x "$1/bin/pip" ] || /usr/bin/python3 -m venv "$1"
    "$1/bin/pip" install --disable-pip-version-check --prefer-binary -r "$2"
}

# Debian's own Python, whatever else is first on PATH: the one the versions are pinned for.
step_python() {
    make_venv "$VENV" "$ROOT/dev/requirements.txt"
    # Makes `import odoo` work, and tells pip that Odoo is installed. With ODOO=… PYTHONPATH goes before it.
    echo "$ODOO_LIB" >"$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/odoo19.pth"
}

queue_key() {
    cat "$ROOT/dev/requirements-queue.txt"
}

# In a folder of its own, so that only an Odoo which is given it as an addons path knows queue_job.
step_queue() {
    fetch_addons "$QUEUE_TREE" "$ROOT/dev/requirements-queue.txt"
}

beside_key() {
    cat "$ROOT/dev/requirements-beside.txt"
}

step_beside() {
    fetch_addons "$BESIDE_TREE" "$ROOT/dev/requirements-beside.txt"
}

# fetch_addons FOLDER REQUIREMENTS: packages of addons; they are in FOLDER/odoo/addons.
fetch_addons() {
    rm -rf "$1.new"
    "$VENV/bin/pip" install --disable-pip-version-check --no-deps --target "$1.new" -r "$2"
    rm -rf "$1"
    mv "$1.new" "$1"
}

lint_key() {
    cat "$ROOT/dev/requirements-lint.txt" "$ROOT/package.json" "$ROOT/package-lock.json" | cksum
}

# Apart from Odoo's: OCA's checks want other versions of the same packages.
step_lint() {
    make_venv "$LINT_VENV" "$ROOT/dev/requirements-lint.txt"
    cd "$ROOT"
    PATH=$LINT_VENV/bin:$PATH npm ci --no-audit --no-fund
}

differential_key() {
    cat "$ROOT/dev/differential/package.json" "$ROOT/dev/differential/package-lock.json" | cksum
}

# With the linters' Node.js. Scripts of packages are not run: none needs any.
step_differential() {
    mkdir -p "$DEV/differential"
    cp "$ROOT/dev/differential/package.json" "$ROOT/dev/differential/package-lock.json" "$DEV/differential"
    cd "$DEV/differential"
    PATH=$LINT_VENV/bin:$PATH npm ci --ignore-scripts --no-audit --no-fund
}

advice() {
    case $1 in
        packages) echo "Is the machine online, and are you allowed to install packages (as root or with sudo)? Try 'apt-get update'." ;;
        odoo) echo "Is the machine online, and is its clock right? If Debian no longer has odoo-19, use your own Odoo 19: ODOO=/path/to/odoo-bin" ;;
        *) echo "Is the machine online? 'make clean' removes everything that was installed so far." ;;
    esac
}
