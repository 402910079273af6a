# What is said to whoever runs this is Chinese where the variables that every program reads say so, and the letters
# are UTF-8. What programs read of it (created, changed, unchanged, restored, removed) is the same in any language.
zh=''
case ${MIRRORCFG_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}} in
zh[_-]TW* | zh[_-]HK* | zh[_-]MO* | zh[_-]Hant*) ;;
zh*) zh=yes ;;
esac
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
'' | C | POSIX | *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
*) zh='' ;;
esac

# chinese TEXT: sets `said` to it; a text that isn't known stays.
chinese() {
    case $1 in
    "error: "*)
        chinese "${1#error: }"
        said="错误：$said"
        return
        ;;
    "skipped   %s: not writable for this user") said="跳过      %s：当前用户不能写" ;;
    "%s appeared meanwhile; it was left alone.") said="%s 是刚刚出现的，保持原样。" ;;
    "%s can't be written by this user; nothing was changed.") said="当前用户不能写 %s；什么都没有改动。" ;;
    "%s is a link, or somebody else's; nothing was changed.") said="%s 是链接，或者属于别人；什么都没有改动。" ;;
    "%s is not a regular file; nothing was changed.") said="%s 不是普通文件；什么都没有改动。" ;;
    "%s is not this script's own; nothing was changed.") said="%s 不是这个脚本自己的；什么都没有改动。" ;;
    "%s is there already, and not this script's; nothing was changed.")
        said="%s 已经存在，不是这个脚本写的；什么都没有改动。" ;;
    "%s was edited since this script wrote it; nothing was changed.")
        said="%s 在这个脚本写入之后被修改过；什么都没有改动。" ;;
    "--replace puts it aside until --undo.") said="加上 --replace 会把它移开，直到 --undo。" ;;
    "--root takes a directory.") said="--root 后面要跟一个目录。" ;;
    "Everybody can put files into %s; nothing was changed.") said="任何人都可以往 %s 里放文件；什么都没有改动。" ;;
    "Nothing to undo.") said="没有可撤销的更改。" ;;
    "Put it aside, and run --undo again.") said="把它移开，再运行一次 --undo。" ;;
    "Put it aside, and run this script again.") said="把它移开，再运行一次这个脚本。" ;;
    "Take it back with --undo.") said="用 --undo 可以撤销。" ;;
    "The only option is --undo.") said="唯一的选项是 --undo。" ;;
    "The options are --undo, --replace and --root DIR.") said="可用的选项是 --undo、--replace 和 --root DIR。" ;;
    "The program %s is needed, and not here.") said="需要程序 %s，这里没有。" ;;
    "These are a user's own files; --root is for a script made with --scope system.")
        said="这些是用户自己的文件；--root 用于以 --scope system 生成的脚本。" ;;
    "This needs Python 3.11 or newer with its venv module, or uv.")
        said="需要 Python 3.11 或更新的版本和它的 venv 模块，或者 uv。" ;;
    "mirrorcfg script prints one that needs neither with --style standalone.")
        said="mirrorcfg script 加上 --style standalone，打印的脚本两者都不需要。" ;;
    *) said=$1 ;;
    esac
}

# say TEXT [PLACE]: %s in the text is the place.
say() {
    said=$1
    [ -z "$zh" ] || chinese "$1"
    # shellcheck disable=SC2059 # the texts are ours
    printf "$said\n" "${2-}" >&2
}

# fail CODE TEXT [PLACE [HINT]]
fail() {
    say "error: $2" "${3-}"
    [ -z "${4-}" ] || say "error: $4"
    exit "$1"
}

