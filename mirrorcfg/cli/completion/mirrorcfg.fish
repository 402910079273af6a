# mirrorcfg's completion for fish: mirrorcfg completion fish | source

function __mirrorcfg_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (command $words[1] complete -- $words[2..-1] "$word" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$word"
        case folders
            __fish_complete_directories "$word" ''
        case '*'
            test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
    end
end

complete --command mirrorcfg --no-files --keep-order --arguments '(__mirrorcfg_complete)'
