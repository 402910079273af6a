# Nothing is believed for its name, only for whose it is. Where root runs this, a folder of PATH counts only if
# nobody else could have put a program there, and none of those below leads to what somebody else could exchange.
set -eu
unset IFS CDPATH
wide=$PATH root=''
me=$(PATH=/usr/bin:/bin id -u)
[ "$me" != 0 ] || PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# What runs here, and what Python, pip, uv and docker run in their turn.
programs="cat cmp cp dirname env find git head id ldconfig ldd ln ls lsb_release mkdir mktemp mv readlink rm rmdir
    rustc sed sleep sort tr uname docker systemctl uv python python3 python3.11 python3.12 python3.13 python3.14"

# The mode, the owner's number and the group's of what is there, a link not followed.
look() {
    IFS=' ' read -r mode _ owner group _ <<END
$(ls -ldn "$1" 2>/dev/null)
END
}

# Might somebody else have put this there, or could they exchange what is in it?
loose() {
    look "$1"
    [ "$owner" = 0 ] || [ "$owner" = "$me" ] || return 0
    case $mode in
    l*) [ -n "$root" ] || [ ! -e "$1" ] ;;
    d????????[tT]*) return 1 ;;
    [d-]???????w*) return 0 ;;
    [d-]????w*) [ "$me" = 0 ] && [ "$group" != 0 ] ;;
    *) return 1 ;;
    esac
}

# Print what is loose on the way to a path, the path itself and where its links lead.
strange() (
    part=$1
    while [ -n "$part" ]; do
        if [ -e "$part" ] || [ -L "$part" ]; then
            ! loose "$part" || {
                printf '%s\n' "$part"
                return
            }
            if [ -L "$part" ]; then
                target=$(readlink "$part")
                case $target in
                /*) ;;
                *) target=${part%/*}/$target ;;
                esac
                found=$(strange "$target")
                [ -z "$found" ] || {
                    printf '%s\n' "$found"
                    return
                }
            fi
        fi
        part=${part%/*}
    done
)

# Of the folders that root was called with, those whose programs are root's.
roots() {
    printf '%s:\n' "$wide" | tr ':' '\n' | while IFS= read -r place; do
        case $place in
        /*) [ -d "$place" ] || continue ;;
        *) continue ;;
        esac
        [ -z "$(strange "$place")" ] || continue
        for program in $programs; do
            program=$place/$program
            if [ -L "$program" ]; then
                [ -z "$(strange "$program")" ] || continue 2
            elif [ -e "$program" ]; then
                ! loose "$program" || continue 2
            fi
        done
        printf '%s:' "$place"
    done
}
if [ "$me" = 0 ]; then
    safe=$(roots)
    PATH=${safe:-$PATH:}
    PATH=${PATH%:}
fi

# Nothing on the way to a file is a stranger's, below --root none of it is a link, and nobody else can put
# anything beside it.
way() {
    [ "$me" = 0 ] || [ -n "$root" ] || return 0
    found=$(strange "$1")
    [ -z "$found" ] || fail 4 "%s is a link, or somebody else's; nothing was changed." "$found"
    part=$1
    until [ -d "$part/" ]; do
        part=${part%/*}
    done
    look "$part/"
    case $mode in
    d???????w*) fail 4 "Everybody can put files into %s; nothing was changed." "${part:-/}" ;;
    esac
}

