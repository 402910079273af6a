# Exit codes: 0 done or nothing to do, 1 failed, 2 usage, 4 somebody else's file, 5 not allowed to.
# Beside each file's place in the state directory there is a record of it: `before`, what was there and
# was replaced; `next`, what is being written; `wrote`, what was; `between`, what stands there while docker
# forgets its mirrors. A file is ours while it is one of the last three.
# Below --root no path with a link in it is used, root uses none that others could have put there, and records
# count only in folders that nobody else can write.

# Are the records our own: files in folders that nobody else can write, none of them with a line's end in its name?
own_records() {
    way "$state"
    [ -e "$state" ] || return 0
    found=$(find "$state" \( ! -user "$me" -o -type d \( -perm -20 -o -perm -2 \) -o ! -type d ! -type f -o -name '*
*' \) -print 2>/dev/null | head -n 1)
    [ -z "$found" ] || fail 4 "%s is not this script's own; nothing was changed." "$found"
}

named() {
    [ $# -eq 3 ]
}

# Is the tool here? Its program on PATH, below --root where those mostly are, or its file.
present() {
    [ ! -e "$root$2" ] || return 0
    shift 3
    for program; do
        if [ -z "$root" ]; then
            ! (PATH=$wide && command -v "$program") >/dev/null 2>&1 || return 0
        else
            for folder in /usr/local/bin /usr/bin /bin /usr/sbin /opt/conda/bin; do
                [ ! -e "$root$folder/$program" ] || return 0
            done
        fi
    done
    return 1
}

# May its folder be written? The nearest one that is there says so.
writable() {
    folder=${1%/*}
    while [ ! -d "${folder:-/}" ]; do
        folder=${folder%/*}
    done
    [ -w "${folder:-/}" ]
}

# Is this file to be written at all: the tool was asked for by name, or is here and may be written?
meant() {
    named "$@" || { present "$@" && writable "$root$2"; }
}

same() {
    [ -f "$1" ] && printf '%s' "$2" | cmp -s - "$1"
}

# Nothing to do: it is as it shall be; a CA that is there is the machine's own affair.
good() {
    same "$root$2" "$3" || { [ "$1" = ca ] && [ -e "$root$2" ]; }
}

# Is it as we left it, or as we were leaving it when we were killed?
ours() {
    for copy in wrote next between; do
        if [ -f "$2/$copy" ] && cmp -s "$2/$copy" "$1"; then
            return 0
        fi
    done
    return 1
}

staged() {
    printf '%s/.%s.mirrorcfg' "${1%/*}" "${1##*/}"
}

# Make a folder, and note it for --undo before it is there.
folder() {
    [ ! -d "$1" ] || return 0
    folder "$(dirname "$1")" "$2"
    printf '%s\n' "${1#"$root"}" >>"$2/folders"
    mkdir "$1"
}

# Lay a copy of a file, or a new content, beside a place: never through what somebody may have put there.
beside() {
    rm -f "$1"
    if [ -n "$2" ]; then
        cp -p "$2" "$1" # for its mode and owner
        [ ! -L "$1" ]
    else
        (set -C && : >"$1")
    fi
}

# First pass: all that could be refused is refused before anything is written.
check() {
    file=$root$2
    if [ -L "$file" ] || { [ -e "$file" ] && [ ! -f "$file" ]; }; then
        ! meant "$@" || fail 4 "%s is not a regular file; nothing was changed." "$file"
    elif meant "$@"; then
        way "$file"
    fi
    if ! meant "$@"; then
        if present "$@"; then
            say "skipped   %s: not writable for this user" "$file"
        fi
    elif good "$@"; then
        return 0
    else
        if [ -e "$file" ] && ! ours "$file" "$state$2" && ! cmp -s "$state$2/before" "$file"; then
            if [ -e "$state$2/wrote" ] || [ -e "$state$2/next" ]; then
                fail 4 "%s was edited since this script wrote it; nothing was changed." "$file" \
                    "Put it aside, and run this script again."
            elif [ -z "$replace" ]; then
                fail 4 "%s is there already, and not this script's; nothing was changed." "$file" \
                    "--replace puts it aside until --undo."
            fi
        fi
        writable "$file" || fail 5 "%s can't be written by this user; nothing was changed." "$file"
    fi
}

# Second pass: what is to be known after a kill is written down, and each new content lies beside its file.
stage() {
    file=$root$2 record=$state$2
    if ! meant "$@" || good "$@"; then
        return 0
    fi
    (umask 077 && mkdir -p "$record")
    if [ -e "$file" ] && ! ours "$file" "$record"; then
        cp -p "$file" "$record/before.new"
        mv "$record/before.new" "$record/before"
    fi
    printf '%s' "$3" >"$record/next.new"
    mv "$record/next.new" "$record/next"
    folder "${file%/*}" "$record"
    new=$(staged "$file")
    if [ -e "$file" ]; then
        beside "$new" "$file"
    else
        beside "$new" ''
    fi
    printf '%s' "$3" >"$new"
}

# Third pass: each file appears whole. A new one is linked, which never covers what somebody made meanwhile.
put() {
    file=$root$2 new=$(staged "$root$2")
    meant "$@" || return 0
    if good "$@"; then
        [ -e "$state$2/next" ] || printf 'unchanged %s\n' "$file"
    elif [ -e "$file" ]; then
        mv -f "$new" "$file"
        printf 'changed   %s\n' "$file"
    else
        ln "$new" "$file" 2>/dev/null || { [ ! -e "$file" ] && mv "$new" "$file"; } ||
            fail 4 "%s appeared meanwhile; it was left alone." "$file"
        printf 'created   %s\n' "$file"
    fi
    rm -f "$new"
}

# Nothing stays beside a file, whatever went wrong.
sweep() {
    ! meant "$@" || rm -f "$(staged "$root$2")"
}

# Last pass: a running docker is told, and the records say what stands there now.
settle() {
    record=$state$2
    [ -e "$record/next" ] || return 0
    reload "$2"
    mv -f "$record/next" "$record/wrote"
    rm -f "$record/between"
}

# docker takes its mirrors from a reload: nothing is restarted, no container stops.
reload() {
    if running "$1"; then
        if [ -n "$pid" ]; then
            kill -HUP "$pid"
        else
            systemctl reload docker </dev/null
        fi
    fi
}

# Does the docker that reads this file run? Sets `pid` where it must be signalled.
running() {
    pid=
    [ -z "$root" ] && [ "$1" = /etc/docker/daemon.json ] || return 1
    if command -v systemctl >/dev/null 2>&1 && systemctl is-active --quiet docker </dev/null 2>/dev/null; then
        return 0
    fi
    pid=$(cat /var/run/docker.pid 2>/dev/null) || return 1
    case $pid in
    '' | *[!0-9]*) return 1 ;;
    esac
    look "/proc/$pid"
    [ "$owner" = 0 ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]
}

# docker forgets its mirrors only by reading an empty list, so one stands there until it did. It is asked with a
# home in which there are no plugins for it to run.
forget() {
    running "$1" || return 0
    printf '{"registry-mirrors": []}\n' >"$2/between.new"
    mv "$2/between.new" "$2/between"
    beside "$(staged "$1")" "$1"
    cat "$2/between" >"$(staged "$1")"
    mv -f "$(staged "$1")" "$1"
    reload "$1"
    for _ in 1 2 3 4 5; do
        sleep 1
        if [ -z "$(HOME=$state DOCKER_CONFIG=$state docker info --format '{{join .RegistryConfig.Mirrors " "}}' </dev/null 2>/dev/null)" ]; then
            break
        fi
    done
}

# Every path that there is a record of, also one that an earlier version of this script wrote.
recorded() {
    find "$state" \( -name wrote -o -name next \) -type f 2>/dev/null | while IFS= read -r copy; do
        copy=${copy#"$state"}
        printf '%s\n' "${copy%/*}"
    done | sort -u
}

# May it go back, or is it back already (we were killed on the way)?
check_back() {
    file=$root$1 record=$state$1
    way "$file"
    if [ -e "$file" ] && ! cmp -s "$file" "$record/before" && ! ours "$file" "$record"; then
        fail 4 "%s was edited since this script wrote it; nothing was changed." "$file" \
            "Put it aside, and run --undo again."
    fi
    writable "$file" || fail 5 "%s can't be written by this user; nothing was changed." "$file"
}

put_back() {
    file=$root$1 record=$state$1
    rm -f "$(staged "$file")"
    if [ -e "$record/before" ]; then
        if ! cmp -s "$record/before" "$file"; then
            forget "$1" "$record"
            beside "$(staged "$file")" "$record/before"
            mv -f "$(staged "$file")" "$file"
            reload "$1"
            printf 'restored  %s\n' "$file"
        fi
    elif [ -e "$file" ]; then
        forget "$1" "$record"
        rm -f "$file"
        reload "$1"
        printf 'removed   %s\n' "$file"
    fi
}

undo() {
    paths=$(recorded)
    [ -n "$paths" ] || say "Nothing to undo."
    set -f
    IFS='
'
    for path in $paths; do
        check_back "$path"
    done
    for path in $paths; do
        put_back "$path"
    done
    # A folder may have been made for one file and hold another, so all of them come last.
    find "$state" -name folders -type f -exec cat {} \; 2>/dev/null | sort -ru | while IFS= read -r made; do
        case $made in
        "" | *..* | [!/]*) continue ;;
        esac
        if (way "$root$made"); then
            rmdir "$root$made" 2>/dev/null || true
        fi
    done
    for path in $paths; do
        mv "$state$path" "$state/.done"
        rm -rf "$state/.done"
    done
    find "$state" -depth -type d -exec rmdir {} \; 2>/dev/null || true
}

main() {
    root='' replace='' undo=''
    while [ $# -gt 0 ]; do
        case $1 in
        --undo) undo=1 ;;
        --replace) replace=1 ;;
        --root)
            root=$(cd "${2-}" 2>/dev/null && [ $# -gt 1 ] && pwd -P) || fail 2 "--root takes a directory."
            shift
            ;;
        *) fail 2 "The options are --undo, --replace and --root DIR." ;;
        esac
        shift
    done
    for program in cat cmp cp dirname find head id ln ls mkdir mv readlink rm rmdir sort tr; do
        command -v "$program" >/dev/null 2>&1 || fail 1 "The program %s is needed, and not here." "$program"
    done
    if [ -n "$own" ] && [ -n "$root" ]; then
        fail 2 "These are a user's own files; --root is for a script made with --scope system."
    fi
    if [ -n "$root" ] || [ "$(id -u)" = 0 ]; then
        state=$root/var/lib/mirrorcfg-script
    else
        state=${XDG_STATE_HOME:-$HOME/.local/state}/mirrorcfg-script
    fi
    own_records
    rm -rf "$state/.done" # of an undo that was killed
    if [ -n "$undo" ]; then
        undo
        return
    fi
    files check
    (umask 077 && mkdir -p "$state")
    trap 'files sweep' EXIT
    files stage
    files put
    files settle
    rmdir "$state" 2>/dev/null || say "Take it back with --undo."
}

main "$@"
