# What lies in the current folder counts for nothing, nor what variables say to Python, pip and uv.
for variable in $(env | sed -n 's/^\(PYTHON[A-Z0-9_]*\|PIP_[A-Z0-9_]*\|UV_[A-Z0-9_]*\|VIRTUAL_ENV\)=.*/\1/p'); do
    unset "$variable"
done
cd /

# Put the certificates where mirrorcfg is told that they are, unless a file is there.
lay() {
    [ -z "$undo" ] && [ ! -e "$1" ] || return 0
    way "$1"
    (set -C && cat "$ca" >"$1")
}

# A Python that mirrorcfg runs under, with what it takes to make a virtual environment.
interpreter() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -I -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
            </dev/null >/dev/null 2>&1; then
            printf '%s' "$candidate"
            return
        fi
    done
    return 1
}

# install OPTION...: into the environment, from the profile's index alone, whatever this machine's own
# settings say; wheels only, so that nothing is built and run on the way.
install() {
    if [ "$installer" = pip ]; then
        [ -z "$ca" ] || set -- --cert "$ca" "$@"
        PIP_CONFIG_FILE=/dev/null "$work/venv/bin/python" -I -m pip --isolated --disable-pip-version-check \
            install --quiet --no-input --no-cache-dir --only-binary :all: "$@" </dev/null
    else
        [ -z "$ca" ] || export SSL_CERT_FILE="$ca"
        uv pip install --quiet --no-config --python "$work/venv/bin/python" \
            --only-binary :all: "$@" </dev/null
    fi
}

fetch() {
    if candidate=$(interpreter); then
        installer=pip
        "$candidate" -I -m venv "$work/venv" </dev/null
    elif command -v uv >/dev/null 2>&1; then
        installer=uv
        export UV_CACHE_DIR="$work/cache"
        # Its own Pythons lie in a home, which under sudo may be a user's.
        if [ "$me" = 0 ] && [ -n "$(strange "${XDG_DATA_HOME:-${HOME:-}/.local/share}/uv/python")" ]; then
            export UV_PYTHON_INSTALL_DIR="$work/python"
        fi
        uv venv --quiet --no-config --python '>=3.11' "$work/venv" </dev/null
    else
        fail 1 "This needs Python 3.11 or newer with its venv module, or uv." "" \
            "mirrorcfg script prints one that needs neither with --style standalone."
    fi
    if [ -n "$hashes" ]; then
        # With a hash pip wants one for everything, so mirrorcfg's own wheel comes by itself first.
        printf '%s %s\n' "$requirement" "$hashes" >"$work/requirements.txt"
        from install --no-deps --require-hashes -r "$work/requirements.txt"
    fi
    from install "$requirement"
}

main() {
    undo=''
    if [ "${1-}" = --undo ]; then
        undo=yes
        shift
    fi
    [ $# -eq 0 ] || fail 2 "The only option is --undo."
    [ "$me" != 0 ] || [ -z "$(strange "${TMPDIR:-/tmp}")" ] || unset TMPDIR
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    mkdir "$work/profiles"
    ca=''
    prepare
    fetch
    MIRRORCFG_PROFILES=$work/profiles${MIRRORCFG_PROFILES:+:$MIRRORCFG_PROFILES}
    export MIRRORCFG_PROFILES
    if [ -n "$undo" ]; then
        "$work/venv/bin/mirrorcfg" undo --yes </dev/null
    else
        switch "$work/venv/bin/mirrorcfg" use --yes </dev/null
    fi
}

main "$@"
