#compdef mirrorcfg
# mirrorcfg's completion for zsh: source <(mirrorcfg completion zsh), or a file _mirrorcfg in a folder of $fpath

_mirrorcfg() {
    local -a lines more open
    local line value told
    lines=("${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case ${lines[1]} in
        files) _files; return ;;
        folders) _files -/; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        value=${line%%$'\t'*} told=${line#*$'\t'}
        [[ -n $value ]] || continue
        value=${value//:/\\:}
        [[ -n $told && $told != $line ]] && value+=":$told"
        if [[ ${line%%$'\t'*} == *= ]]; then open+=("$value"); else more+=("$value"); fi
    done
    (( $#more )) && _describe -V mirrorcfg more
    (( $#open )) && _describe -V mirrorcfg open -S ''
}

if [[ ${funcstack[1]} == _mirrorcfg ]]; then
    _mirrorcfg "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -D; }
    compdef _mirrorcfg mirrorcfg
fi
