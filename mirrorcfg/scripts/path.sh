# Nothing is believed for its name, only for whose it is. Where root runs this, a folder of PATH counts only if
# nobody else could have put a program there.
set -eu
unset IFS CDPATH
wide=$PATH root=''
me=$(PATH=/usr/bin:/bin id -u)
[ "$me" != 0 ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

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
    l*) [ -n "$root" ] ;;
    d????????[tT]*) return 1 ;;
    d???????w*) return 0 ;;
    d????w*) [ "$me" = 0 ] && [ "$group" != 0 ] ;;
    *) return 1 ;;
    esac
}

# Of the folders that root was called with, those in which nobody else could have put a program.
roots() {
    printf '%s:\n' "$wide" | tr ':' '\n' | while IFS= read -r place; do
        at=$place
        case $place in
        /*) at=$(cd "$place" 2>/dev/null && pwd -P) || continue ;;
        *) continue ;;
        esac
        while [ -n "$at" ] && ! loose "$at"; do
            at=${at%/*}
        done
        [ -n "$at" ] || printf '%s:' "$place"
    done
}
if [ "$me" = 0 ]; then
    safe=$(roots)
    PATH=${safe:-$PATH:}
    PATH=${PATH%:}
fi

