# mirrorcfg's completion for bash: eval "$(mirrorcfg completion bash)"

_mirrorcfg() {
    local line=${COMP_LINE:0:COMP_POINT} kind='' candidate
    # bash takes = and : for the beginning of a word, and puts in what comes after them.
    local word=${line##*[[:space:]]} before=''
    case $word in *[=:]*) before=${word%"${word##*[=:]}"} ;; esac
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        if [ -z "$kind" ]; then
            kind=$candidate
        else
            COMPREPLY+=("${candidate#"$before"}")
        fi
    done < <("$1" complete --line "$line" 2>/dev/null)
    case $kind in
        files) compopt -o default 2>/dev/null ;;
        folders) compopt -o dirnames 2>/dev/null ;;
    esac
    if [ "${#COMPREPLY[@]}" = 1 ]; then
        case ${COMPREPLY[0]} in *=) compopt -o nospace 2>/dev/null ;; esac
    fi
}

complete -F _mirrorcfg mirrorcfg
