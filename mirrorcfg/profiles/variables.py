"""`${name}` in a profile's strings, and what it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mirrorcfg.sentence import sentence
from mirrorcfg.wording import listed, meant, shown

VARIABLE = "[a-z][a-z0-9_-]{0,63}"
"""What a variable may be called."""
LONGEST = 4096  # of a value once filled in: variables can double one another
_DEEPEST = 16


def is_variable(text: str) -> bool:
    """May a variable be called that?"""
    return re.fullmatch(VARIABLE, text) is not None


class VariableError(Exception):
    """A `${…}` that stands for nothing; whoever knows the file and key makes a ProfileError of it."""

    def __init__(self, code: str, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.hint = hint


def references(text: str) -> tuple[str, ...]:
    """The variables that `text` uses. Raises VariableError `variable-syntax` where a `${` isn't one."""
    return tuple(_parts(text)[1::2])


def undeclared(name: str, known: Mapping[str, str]) -> VariableError:
    """The error for a variable that no `[variables]` table names."""
    what = sentence("There is no variable {name}.{meant}", name=shown(name), meant=meant(name, known))
    hint = "declare it under [variables]"
    if known:
        hint = sentence("the variables are {names}", names=listed(known))
    return VariableError("unknown-variable", what, hint)


class Values:
    """What each variable stands for, once those that it uses itself are filled in; "" is no value.

    Its methods raise VariableError: `unknown-variable`, `variable-loop` or `variable-too-long`.
    """

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said
        self._filled: dict[str, str] = {}
        self._lacks: dict[str, frozenset[str]] = {}

    def fill(self, text: str) -> str:
        """`text` with every variable filled in."""
        parts = _parts(text)
        parts[1::2] = [self._resolve(name, ()) for name in parts[1::2]]
        return _joined(parts)

    def lacks(self, text: str) -> frozenset[str]:
        """The variables without a value that `text` hangs on."""
        names = references(text)
        for name in names:
            self._resolve(name, ())
        return frozenset().union(*(self._lacks[name] for name in names))

    def _resolve(self, name: str, above: tuple[str, ...]) -> str:
        if name in self._filled:
            return self._filled[name]
        if name in above or len(above) > _DEEPEST:
            loop = " -> ".join((*above, name))
            raise VariableError(
                "variable-loop", sentence("Variables stand for one another: {loop}.", loop=loop)
            )
        if name not in self._said:
            raise undeclared(name, self._said)
        parts = _parts(self._said[name])
        used = parts[1::2]
        parts[1::2] = [self._resolve(other, (*above, name)) for other in used]
        lacks = frozenset().union(*(self._lacks[other] for other in used))
        self._filled[name] = _joined(parts)
        self._lacks[name] = lacks if parts != [""] else frozenset({name})
        return self._filled[name]


def _joined(parts: list[str]) -> str:
    text = "".join(parts)
    if len(text) > LONGEST:
        what = sentence(
            "A value is longer than {longest} characters once its variables are filled in.", longest=LONGEST
        )
        raise VariableError("variable-too-long", what)
    return text


def _parts(text: str) -> list[str]:
    """Literal text and names of variables in turn."""
    if "${" not in text:
        return [text]
    parts = re.split(rf"\$\{{({VARIABLE})\}}", text)
    for literal in parts[::2]:
        if "${" in literal:
            opened = literal[literal.index("${") :]
            what = sentence("The '${{' in {text} is never closed.", text=shown(text))
            if "}" in opened:
                what = sentence("The '${{' in {text} has no name that a variable may have.", text=shown(text))
            hint = "write ${name}; a name is lower-case letters, digits, '-' and '_'"
            raise VariableError("variable-syntax", what, hint)
    return parts
