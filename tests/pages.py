"""The pages that are there in two languages: what one is made of, and how the Chinese one is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ENGLISH_ALONE = {
    "architecture.md",
    "codes.md",
    "demo.md",
}  # for who builds it; a list; what a program printed
CHINESE = ".zh-CN.md"


class Part(NamedTuple):
    """Something that both pages of a pair have at the same place."""

    line: int
    kind: str
    what: str


def pages() -> list[Path]:
    """The English page of each pair."""
    found = [path for path in (ROOT / "docs").glob("*.md") if not path.name.endswith(CHINESE)]
    return [ROOT / "README.md", *sorted(path for path in found if path.name not in ENGLISH_ALONE)]


def chinese(page: Path) -> Path:
    """The other page of the pair."""
    return page.with_name(page.name.removesuffix(".md") + CHINESE)


def english(page: Path) -> Path:
    """The page itself, or the other one of its pair."""
    return page.with_name(page.name.removesuffix(CHINESE) + ".md") if page.name.endswith(CHINESE) else page


# --- what a page is made of

_FENCE = re.compile(r"^ *```(\S*)")
_ITEM = re.compile(r"^( *)(-|\d+\.) ")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[([^]]*)\]\(([^)\s]+)\)")
_RECORDED = re.compile(r"^<!-- tests/tour/captures/([\w-]+)\.\S+ -->$")
_COMMENT = re.compile(r"(^|\s)#.*")
HAN = re.compile(r"[㐀-鿿]")


def parts(text: str) -> Iterator[Part]:
    """Headings, blocks of code, tables, items, paragraphs and links, in order."""
    fence: str | None = None
    shown = ""  # what the next block of code was recorded of
    code: list[str] = []
    rows: list[int] = []
    start = 0
    inside = False  # of a paragraph or an item
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if opened := _FENCE.match(line):
            if fence is None:
                fence, code, start, inside = opened[1], [], number, False
            else:
                yield Part(start, "code", shown or "\n".join([fence, *code]))
                fence, shown = None, ""
            continue
        if fence is not None:
            code.append(line)
            continue
        if recorded := _RECORDED.match(line):
            shown = f"{recorded[1]}, as it was recorded"
        if line.startswith("|"):
            start = start if rows else number
            rows.append(_blank(line, "").count("|") - 1)
        elif rows:
            yield Part(start, "table", f"{len(rows)} rows of {sorted(set(rows))} cells")
            rows, inside = [], False
        if line.startswith("#"):
            yield Part(number, "heading", str(len(line) - len(line.lstrip("#"))))
        elif item := _ITEM.match(line):
            yield Part(number, "item", f"{len(item[1]) // 2} {'-' if item[2] == '-' else '1.'}")
        elif line and not inside and not line.startswith("|"):
            yield Part(number, "paragraph", "")
        inside = bool(line) and not line.startswith(("#", "|"))
        yield from (Part(number, "link", match[2]) for match in _LINK.finditer(_blank(line, "x")))


def _blank(text: str, with_: str) -> str:
    """The text without its code; its lines stay."""
    return _CODE.sub(lambda match: with_ + "\n" * match[2].count("\n"), text)


# --- the two of a pair


def differences(one: str, other: str, page: Path) -> list[str]:
    """Where the structure of a Chinese page isn't that of its English one; `page` is the latter."""
    here, there = list(parts(one)), list(parts(other))
    found = []
    for a, b in zip(here, there, strict=False):
        if a.kind != b.kind:
            found.append(
                f"line {a.line} has a {a.kind} ({_short(a)}), line {b.line} a {b.kind} ({_short(b)})"
            )
            return found  # all that follows is shifted
        same = (
            _same_code(a.what, b.what)
            if a.kind == "code"
            else aim(a.what, page) == aim(b.what, chinese(page))
            if a.kind == "link"
            else a.what == b.what
        )
        if not same:
            found.append(
                f"the {a.kind} of line {a.line} ({_short(a)}) and that of line {b.line} ({_short(b)})"
            )
    if len(here) != len(there):
        longer = here if len(here) > len(there) else there
        extra = longer[min(len(here), len(there))]
        found.append(f"line {extra.line} has a {extra.kind} ({_short(extra)}) that the other page hasn't")
    return found


def _short(part: Part) -> str:
    return part.what.replace("\n", "⏎")[:60]


def _same_code(one: str, other: str) -> bool:
    """Alike but for comments, and for lines of output that are said in Chinese."""
    here, there = one.split("\n"), other.split("\n")
    output = here[0] in ("", "console")
    return len(here) == len(there) and all(
        _uncommented(a) == _uncommented(b)
        or (output and HAN.search(b) is not None and not a.startswith(("$ ", "> ")))
        for a, b in zip(here, there, strict=True)
    )


def _uncommented(line: str) -> str:
    return _COMMENT.sub(r"\1#", line).split("#")[0].rstrip() + ("#" if _COMMENT.search(line) else "")


def aim(target: str, page: Path) -> str:
    """Where a link of a page leads, in whichever language: a page, and which of its headings."""
    if "://" in target:
        return target
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    place = str(anchors(file).index(anchor)) if anchor and anchor in anchors(file) else anchor
    return f"{english(file)}#{place}"


def anchors(page: Path) -> list[str]:
    """The anchors that the headings of a page have on GitHub."""
    found: list[str] = []
    fenced = False
    for line in page.read_text().split("\n"):
        fenced ^= _FENCE.match(line) is not None
        if line.startswith("#") and not fenced:
            title = _LINK.sub(r"\1", line.lstrip("#").strip()).lower()
            slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
            found.append(slug + (f"-{again}" if (again := _times(found, slug)) else ""))
    return found


def _times(found: list[str], slug: str) -> int:
    return sum(re.fullmatch(re.escape(slug) + r"(-\d+)?", each) is not None for each in found)


def dead(page: Path, text: str) -> list[str]:
    """The links of a page that lead nowhere on this disk."""
    found = []
    for part in parts(text):
        if part.kind == "link" and not re.match(r"[a-z]+:", part.what):
            name, _, anchor = part.what.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                found.append(f"line {part.line}: {part.what}")
    return found


# --- how Chinese is written

_HAN = r"[㐀-鿿]"
_FULL = r"[，。：；？！、（）「」《》]"
RULES = {
    "half-width punctuation beside Chinese": rf"(?<={_HAN})[,.;:!?()\"']|[,.;:!?()\"'](?={_HAN})"
    rf"|(?<={_FULL})[,;:!?()]|[,;:!?()](?={_FULL})",
    "half-width punctuation in a Chinese sentence": r"[,;:!?](?= )",
    "no space between Chinese and Latin": rf"{_HAN}[A-Za-z0-9]|[A-Za-z0-9]{_HAN}",
    "a space beside full-width punctuation": rf"[ \t]{_FULL}|{_FULL}[ \t]",
    "quotation marks that aren't 「」": r"[“”‘’]",
    "镜像 that is neither 镜像源 nor 容器镜像": r"(?<!容器)镜像(?!源)",
    "profile for 配置方案": r"(?<!（)\b[Pp]rofiles?\b",
    "a line break between Chinese characters, which shows as a space": rf"{_HAN}\n{_HAN}",
}


def slips(text: str) -> list[str]:
    """Where a Chinese page breaks one of the rules, outside of its code."""
    prose = _prose(text)
    found = []
    for rule, pattern in RULES.items():
        for match in re.finditer(pattern, prose):
            line = prose.count("\n", 0, match.start()) + 1
            start = prose.rfind("\n", 0, match.start()) + 1
            whole = prose[start : (prose.find("\n", match.start()) + 1 or len(prose) + 1) - 1]
            if HAN.search(whole):
                near = prose[max(start, match.start() - 12) : match.end() + 12].replace("\n", "⏎")
                found.append(f"line {line}: {rule}: {near}")
    return found


def _prose(text: str) -> str:
    """What a reader reads as sentences: code is an x, a link is its words, a table's cells stand apart."""
    lines, fenced = [], False
    for line in text.split("\n"):
        fence = _FENCE.match(line) is not None
        fenced ^= fence
        lines.append("" if fenced or fence else line)
    prose = _blank("\n".join(lines), "x")
    prose = _LINK.sub(lambda match: "x" if re.fullmatch(r"\S+\.\w+", match[1]) else match[1], prose)
    prose = re.sub(r"(?<=[，。：；？！、])\*\* ", "**", prose)  # without that space the bold would not end
    prose = re.sub(r"^#+ (.*)$", r"|\1|", prose.replace("*", ""), flags=re.MULTILINE)
    prose = re.sub(r"^ *(-|\d+\.) +", "|", prose, flags=re.MULTILINE)
    return re.sub(r"^\|.*$", lambda row: re.sub(r" *\| *", "\x00", row[0]), prose, flags=re.MULTILINE)
