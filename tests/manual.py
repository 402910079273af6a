"""The manual's pages, made of the same texts as `--help`: `make man` writes them to man/, in both languages.

Source of the rules: man-pages(7), for the sections and their order; groff_man(7), for the requests.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from mirrorcfg.cli.app import program
from mirrorcfg.cli.language import CATALOGS, DOMAIN
from mirrorcfg.cli.page import Entry, Page, page
from mirrorcfg.cli.wrap import words

MAN = Path(__file__).resolve().parents[1] / "man"
FOLDERS = {"en": MAN / "man1", "zh": MAN / "zh_CN/man1"}
_HEADINGS = {
    "NAME": "名称",
    "SYNOPSIS": "概要",
    "DESCRIPTION": "描述",
    "EXAMPLES": "示例",
    "EXIT STATUS": "退出码",
    "FILES": "文件",
    "SEE ALSO": "另请参阅",
}
_CODES = {
    "0": ("It is done, or was so already.", "完成，或者本来就是这样。"),
    "1": ("It failed, and nothing was changed.", "失败，没有改动任何内容。"),
    "2": ("The command line asks for something that can't be.", "命令行用法有误。"),
    "3": ("It is not in effect, not verified, or was changed by somebody else.", "没有生效、没有通过校验，或者被别人改过。"),
    "4": ("There is a conflict with what somebody else changed.", "与别人的改动冲突。"),
    "5": ("A right is missing.", "权限不足。"),
    "6": ("An interrupted change has to be taken back first.", "必须先收回一次中断的改动。"),
    "130": ("It was interrupted.", "被中断。"),
}  # fmt: skip
_FILES = {
    "~/.config/mirrorcfg/config.toml, /etc/mirrorcfg/config.toml": ("What mirrorcfg does by itself.", "mirrorcfg 自己的配置。"),
    "~/.config/mirrorcfg/profiles/, /etc/mirrorcfg/profiles/": ("Profiles.", "配置方案。"),
    "~/.local/state/mirrorcfg/, /var/lib/mirrorcfg/": ("The history.", "历史记录。"),
}  # fmt: skip
Translate = Callable[[str], str]
_BREAK = "\\:"


def pages() -> Iterator[tuple[str, list[Page]]]:
    """Each page's name, and what it is of: a command, and those that it has itself."""
    root: Any = typer.main.get_command(program())
    top = root.context_class(root, info_name="mirrorcfg", help_option_names=["-h", "--help"])
    yield "mirrorcfg", [page(root, top)]
    for name in root.list_commands(top):
        yield f"mirrorcfg-{name}", list(_of(root.get_command(top, name), name, top))


def texts() -> Iterator[str]:
    """Every text of every page, to be translated."""
    for _, found in pages():
        for each in found:
            yield from each.texts()


def written(name: str, found: list[Page], language: str) -> str:
    """A page in groff's language."""
    return "\n".join(_lines(name, found, language)) + "\n"


def main() -> None:
    """Write all of them, and nothing else into their folders."""
    for language, folder in FOLDERS.items():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, found in pages():
            (folder / f"{name}.1").write_text(written(name, found, language))


def _of(command: Any, name: str, above: Any) -> Iterator[Page]:
    context = command.context_class(command, info_name=name, parent=above)
    yield page(command, context)
    for own in getattr(command, "commands", {}).values():
        if not own.hidden:
            yield from _of(own, own.name, context)


def _lines(name: str, found: list[Page], language: str) -> Iterator[str]:
    catalog = gettext.translation(DOMAIN, CATALOGS, ["zh_CN"], fallback=True)
    into: Translate = catalog.gettext if language == "zh" else str
    which = 0 if language == "en" else 1
    first = found[0]

    def heading(english: str) -> str:
        return f".SH {english if language == 'en' else _HEADINGS[english]}"

    yield '.\\" Made by `make man` of the texts of --help.'
    yield f'.TH {_word(name.upper())} 1 "" mirrorcfg mirrorcfg'
    yield ".ad l"
    yield heading("NAME")
    yield f"{_word(name)} \\- {_text(into(first.paragraphs[0].told).rstrip('.。'))}"
    yield heading("SYNOPSIS")
    for each in found:
        yield f".B {_word(each.name)}"
        yield " ".join(_word(into(word)) for word in each.words)
        yield ".br"
    yield heading("DESCRIPTION")
    for paragraph in first.paragraphs:
        if not paragraph.lines:
            yield from (".PP", _text(into(paragraph.told)))
    for section in first.sections:
        yield f".SH {_text(into(section.heading).upper())}"
        yield from _entries(section.entries, into)
    for each in found[1:]:
        yield f".SH {_word(each.name)}"
        for paragraph in each.paragraphs:
            if not paragraph.lines:
                yield from (".PP", _text(into(paragraph.told)))
        for section in each.sections:
            yield f".SS {_text(into(section.heading))}"
            yield from _entries(section.entries, into)
    yield heading("EXAMPLES")
    for paragraph in (paragraph for each in found for paragraph in each.paragraphs if paragraph.lines):
        yield from (".PP", _text(into(paragraph.told)), ".PP", ".RS 4", ".nf")
        yield from map(_word, paragraph.lines)
        yield from (".fi", ".RE")
    if name == "mirrorcfg":
        for title, table in (("EXIT STATUS", _CODES), ("FILES", _FILES)):
            yield heading(title)
            for word, told in table.items():
                yield from (".TP", f".B {_word(word)}", _text(told[which]))
    yield heading("SEE ALSO")
    others = [other for other in ("mirrorcfg", *_others(first)) if other != name]
    yield ",\n".join(f".BR {_word(other)} (1)" for other in others)


def _others(first: Page) -> list[str]:
    if first.name != "mirrorcfg":
        return ["mirrorcfg-help"]
    return [f"mirrorcfg-{entry.word}" for section in first.sections[:-1] for entry in section.entries]


def _entries(entries: Any, into: Translate) -> Iterator[str]:
    entry: Entry
    for entry in entries:
        notes = [into(template).format(value=value) for template, value in entry.notes]
        yield from (
            ".TP",
            f".B {_word(entry.word)}",
            _text(("  " if into is str else "").join([into(entry.told), *notes])) or "\\&",
        )


def _word(text: str) -> str:
    """What is typed: its hyphens are to be found and copied as such."""
    return (
        _text(text)
        .replace("-", "\\-")
        .replace("'", "\\(aq")
        .replace("`", "\\(ga")
        .replace("~", "\\(ti")
        .replace("^", "\\(ha")
    )


def _text(text: str) -> str:
    """A sentence. groff breaks no line between two Chinese characters unless it is told where."""
    pieces = [(blank, word.replace("\\", "\\e")) for blank, word in words(text)]
    escaped = "".join(f"{blank or (_BREAK if at else '')}{word}" for at, (blank, word) in enumerate(pieces))
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    main()
