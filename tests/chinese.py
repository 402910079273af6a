"""Is it Chinese, and written as people write it? By rules that a machine can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.sentences import is_command

_HAN = "\u4e00-\u9fff"
_FULL = "，。：；？！（）「」、"
_FIELD = r"\{[^{}]*\}"

# What no Chinese sentence has, by what is wrong with it. A field counts as nothing: its fact may be either.
_WRONG = {
    "half-width punctuation beside a Chinese character": rf"[{_HAN}] ?[,;:!?()]|[,;:!?()][{_HAN}]|[{_HAN}]\.(?!\w)",
    "no space between Chinese and Latin": rf"[{_HAN}][A-Za-z0-9]|[A-Za-z0-9][{_HAN}]",
    "a space beside full-width punctuation": rf"[{_FULL}] | [{_FULL}]",
    "a space between Chinese and Chinese": rf"[{_HAN}] +[{_HAN}]",
    "two spaces": r"(?<=\S)  (?=[^\s#])",
    "a mark that isn't used here": "[“”‘’【】《》．]|。。|，，",
}
# One word, one thing: if the English has this, the Chinese has that.
_WORDS = {
    r"(?<![\w.-])mirrors?(?![\w-])": "镜像源",
    r"(?<![\w/.-])profiles?(?![\w/.-])": "配置方案",
    r"generations?(?!\w)": "代",
}
# What a mirror, an image or a profile isn't called here.
_NEVER = "镜像站|镜像网站|镜像服务器|映像|剧本|档案|配置文件方案|个人资料|概要文件|回滚|简介"


def amiss(english: str, chinese: str) -> Iterator[str]:
    """What is wrong with a translation as a text, if anything is."""
    text = re.sub(_FIELD, "\ue000", _without_code(chinese))
    for what, pattern in _WRONG.items():
        if found := re.search(pattern, text):
            yield f"{what}: {found.group()}"
    plain = re.sub(rf"{_FIELD}|mirrorcfg [a-z]+( [a-z]+)?|[\w-]+ = ", "", _without_code(english))
    for pattern, word in _WORDS.items():
        if re.search(pattern, plain) and word not in chinese and not re.search(r"\bmirror\b", chinese):
            yield f"{word} is missing"  # `mirror` itself is a key of podman's
    if re.search("(?<!容器)镜像(?!源|仓库)", chinese) and not re.search(
        r"\bimages?\b|registry|docker save", english
    ):
        yield "镜像 by itself is an image; a mirror is 镜像源"
    if found := re.search(_NEVER, chinese):
        yield f"not a word of ours: {found.group()}"
    if english.endswith(".") != chinese.endswith("。") and not english.endswith(("}", "…", "...")):
        yield "one ends with a full stop, and the other doesn't"


def _without_code(text: str) -> str:
    """A text without what stands in it between backticks, and without the commands it begins or ends with."""
    text = re.sub(r"`[^`]*`", "\ue000", text)
    pieces = re.split(r"(?<=[;:])\s|[；：。，（）]", text)
    return (
        "；".join("" if is_command(piece.strip()) else piece for piece in pieces) if len(pieces) > 1 else text
    )


# Words of others, as they said them: nothing of ours to translate. What a parser says ends its sentence.
THEIRS = (
    r"(?<=TOML：).*|(?<=YAML：).*|(?<=无法解压).*|"
    r"Name or service not known|Temporary failure in name resolution|No address associated with hostname"
    r"|(?i:connection refused|permission denied|no such file or directory|network is unreachable|no route to host)"
    r"|(?i:operation not permitted|read-only file system|not a directory|is a directory|exec format error)"
    r"|(?i:self[- ]signed certificate|unable to get local issuer certificate|certificate verify failed)"
)
# What is no language: an address, a path, what is quoted, an option with its value, a key with its value, a code.
_NONE = (
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|\w+://\S+|(?<![\w.])[~.]?/[^\s：，。；（）]+|--?[a-z][\w-]*(=\S+)?"
    r"|[\w.-]+ = \S+|\[[\w .*-]+\]|(error|note|warning)\[[a-z0-9-]+\]"
)
# Three words in a row, or two of which the first one only stands in a sentence.
_ENGLISH = re.compile(
    r"(?<![\w-])(?:[A-Za-z][a-z']*(?: [A-Za-z][a-z']*){2,}|(?:an?|the|is|its?|of|no|not|and|or|this) [a-z']+)(?![\w-])"
)


def english(output: str) -> list[str]:
    """The lines of an output that say something in English: words in a row that are no command's.

    What stands in a file, or is to be pasted, is in no language; what another program said stays as it is.
    """
    return [line for line in output.splitlines() if any(_ENGLISH.search(piece) for piece in _worded(line))]


def _worded(line: str) -> Iterator[str]:
    line = re.sub(THEIRS, "", line)
    for piece in re.split(rf"[{_HAN}{_FULL}]+", line):
        bare = re.sub(_NONE, "", piece)
        if not is_command(bare.strip(" :$#")):
            yield bare
