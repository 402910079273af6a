"""The one way from a text to the terminal or a pipe: masked, what hides or acts in it spelt out, painted.

What a command, an error or a prompt hands over is never trusted, whoever made it: a profile, a file, an
image's history, a server, the name of a file, an exception, the command line itself. One text is one line:
a line break within it is drawn as `\\n`, so that no value forges a line of ours; only what stands here
breaks lines and paints.

A file's text is drawn line by line, and keeps its tabs: a diff, `profile show`, `script`, a unit. A line of
one that ends with CR and LF ends with LF, save in a diff, which shows what differs: `\\r`. What is for a
shell or a file comes out as it was made (`env`, `script`, `image`, `config KEY`): nothing that would be
spelt out gets that far, as an address is printable ASCII. JSON keeps all of its data, as escapes. What
docker, podman or the command of `run` print is theirs, and goes to the terminal without us.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, NamedTuple

import typer

from mirrorcfg import trace
from mirrorcfg.cli.language import _
from mirrorcfg.cli.width import cut, folded, room
from mirrorcfg.model.progress import SILENT, Progress
from mirrorcfg.redact import masked, redact
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import is_visible, visible

_buffered = True
_PAINT = r"(\x1b\[[0-9;]{0,12}m)"
_SIGNS = {
    "good": ("✓", "+"),
    "doubt": ("!", "!"),
    "bad": ("✗", "x"),
    "used": ("*", "*"),
    "more": ("…", "..."),
    "wheel": ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"),
}

waiting: Progress = SILENT
"""What stands on the terminal for as long as something is waited for; it goes before anything is drawn."""


class Line(NamedTuple):
    """A line, and our colour for it; where it has a `label` before it, that alone is coloured.

    One of a file keeps its tabs. One that is `painted` by the demo's programs keeps their colours too. One
    with an `indent` is prose: on a narrow terminal it goes on below, as far from the edge.
    """

    text: str
    tint: str | None = None
    bold: bool = False
    label: str = ""
    of_file: bool = False
    painted: bool = False
    indent: int | None = None


_QUIET = False


def quiet() -> None:
    """From now on only data and errors are drawn."""
    global _QUIET
    _QUIET = True


def is_quiet() -> bool:
    """Was that said?"""
    return _QUIET


def verbose() -> None:
    """From now on what is looked at is told, as it is."""
    trace.listen(lambda told: say([Line(_(told), "cyan")], err=True))


class Unwritten(Exception):  # noqa: N818 — an ending, which may come after a change that was made
    """The standard output takes no more: its reader went away, its disk is full, or it is closed."""

    def __init__(self, why: OSError) -> None:
        super().__init__(why)
        self.why = why
        self.gone = isinstance(why, BrokenPipeError)


def ready() -> None:
    """Have stdout take every text: what its encoding lacks is spelt out, as Python does on stderr.

    A stream that was closed when we were started is one that fails, and not None.
    """
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def lost() -> Unwritten | None:
    """Why what was written to stdout doesn't get there; None where it does. Then stdout is given up."""
    try:
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)  # what waits in its buffer goes there at the end
        os.close(nowhere)
        return Unwritten(error)
    return None


def interrupt() -> None:
    """What comes now is a line of its own, whatever stands there, and passes no buffer: one may be in use."""
    global _buffered
    _buffered = False
    with suppress(OSError):
        if os.isatty(2):  # in the place of a line that says what is waited for; behind a question, and ^C
            os.write(2, b"\n" if waiting is SILENT else b"\r\x1b[K")


def clean(text: str, keep: str = "") -> str:
    """`text` as one line that anybody may see, on any terminal; what is in `keep` stays as it is."""
    once = redact(text)
    seen = visible(once, keep)
    return seen if seen == once else redact(seen)


def lines(text: str) -> Iterator[Line]:
    """The lines of a file's text."""
    return (Line(line.removesuffix("\r"), of_file=True) for line in text.split("\n"))


def say(drawn: Iterable[str | Line], *, err: bool = False) -> None:
    """Draw these lines, on stderr if `err`; nothing where there are none."""
    stream = sys.stderr if err else sys.stdout
    colour, width = coloured(stream), room(stream)
    texts = [_drawn(line if isinstance(line, Line) else Line(line), colour, width) for line in drawn]
    if texts:
        _write("\n".join(texts), err=err)


def data(value: object, *, indent: int | None = None) -> None:
    """Draw data as JSON on stdout, masked by its keys and its texts; a named tuple is its fields."""
    import json

    utf = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(masked(plain(value)), ensure_ascii=not utf, indent=indent)
    if not text.isascii() or "\x7f" in text:
        # Only a string can hold such a character, and there its escape means the same.
        text = "".join(char if is_visible(char) or char == "\n" else json.dumps(char)[1:-1] for char in text)
    _write(text)


def plain(value: Any) -> Any:
    """`value` as JSON has it: a named tuple is an object of its fields."""
    if hasattr(value, "_asdict"):
        return {name.rstrip("_"): plain(each) for name, each in value._asdict().items()}
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def sign(name: str) -> str:
    """A sign, in letters that the terminal's encoding has."""
    best, plain = _SIGNS[name]
    try:
        best.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return plain
    return best


def confirm(question: str, *, default: bool) -> bool:
    """Ask a person yes or no, on stderr."""
    letters = "Y/n" if default else "y/N"
    asked = _(sentence("{question} [{letters}]", question=question, letters=letters))
    return _letter(asked, "yn", "y" if default else "n") == "y"


def choose(question: str, about: str, letters: str) -> str:
    """Ask a person for one of these letters, on stderr; the first where they just say go."""
    shown = "/".join([letters[0].upper(), *letters[1:]])
    asked = sentence("{question} [{letters}] ({about})", question=question, letters=shown, about=about)
    return _letter(_(asked), letters, letters[0])


def prompt(question: str, default: str | None) -> str:
    """Ask a person for a text, on stderr; `default` is shown, and taken if nothing is said."""
    waiting.rest()
    asked = f"{question} [{default}]" if default else question
    return _typed(asked, default)


def _letter(asked: str, letters: str, default: str) -> str:
    while True:
        if (answer := _typed(asked, default)[:1].lower()) and answer in letters:
            return answer


def _typed(asked: str, default: str | None) -> str:
    # Its last character goes to stdout, as input() does it: a space.
    after = f"{_(':')} "
    answer: str = typer.prompt(
        clean(asked), default=default, show_default=False, err=True, prompt_suffix=after
    )
    return answer.strip()


def over(text: str) -> None:
    """Draw one short line over the one before it on stderr; an empty one takes that away."""
    if not _buffered:  # the last words are being said
        return
    wide = (room(sys.stderr) or 80) - 1
    with suppress(OSError):
        sys.stderr.write(f"\r\x1b[K{cut(clean(text), wide, sign('more'))}")
        sys.stderr.flush()


def coloured(stream: Any) -> bool:
    """Whether what goes there may be coloured."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _write(text: str, *, err: bool = False) -> None:
    stream = sys.stderr if err else sys.stdout  # typer's own echo would take one that is ASCII for UTF-8
    if _buffered:
        waiting.rest()
    if not _buffered:
        _put(f"{text}\n".encode(stream.encoding or "utf-8", "backslashreplace"), 2 if err else 1)
    elif err:
        with suppress(OSError):  # there is nobody to say it to
            stream.write(f"{text}\n")
            stream.flush()
    else:
        try:
            stream.write(f"{text}\n")
            stream.flush()
        except OSError as error:
            raise lost() or Unwritten(error) from None


def _put(data: bytes, number: int) -> None:
    with suppress(OSError):
        while data:
            data = data[os.write(number, data) :]


def _drawn(line: Line, colour: bool, width: int | None) -> str:
    if line.painted and colour:
        pieces = re.split(_PAINT, line.text)  # every second one is a colour
        return "".join(piece if at % 2 else clean(piece, "\t") for at, piece in enumerate(pieces))
    text = clean(line.text, "\t" if line.of_file or line.painted else "")
    label = clean(line.label)
    if line.indent is None:
        return _styled(label, text, line, colour)
    first, *more = folded(label + text, width, line.indent)
    return "\n".join(
        [
            _styled(label, first[len(label) :], line, colour),
            *(_styled("", each, line, colour) for each in more),
        ]
    )


def _styled(label: str, text: str, line: Line, colour: bool) -> str:
    """In its colour; where the line has a label, that alone is coloured."""
    if not colour or not (line.tint or line.bold):
        return label + text
    if line.label:
        return (typer.style(label, fg=line.tint, bold=line.bold or None) if label else "") + text
    return typer.style(text, fg=line.tint, bold=line.bold or None)
