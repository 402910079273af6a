"""What typer finds wrong with a command line, as sentences of ours: its own are in English alone."""

from __future__ import annotations

import re
from typing import Any

from mirrorcfg.sentence import sentence

_WITHIN = r"(?P<value>.*) is not in the range (?P<least>.*)<=x<=(?P<most>.*)\."
_VALUES = {
    r"'(?P<value>.*)' is not a valid (int|integer|float)( range)?\.": "{value!r} is not a number.",
    r"(?P<value>.*) is not in the range x>=(?P<least>.*)\.": "{value} is too small; the least is {least}.",
    _WITHIN: "{value} is not from {least} to {most}.",
    r"'(?P<value>.*)' is not one of (?P<values>.*)\.": "{value!r} is not one of {values}.",
}
_LINES = {
    r"Got unexpected extra argument\(s\) \((?P<words>.*)\)": "There are more words than it takes: {words}.",
    r"Option '(?P<option>.*)' does not take a value\.": "The option {option} takes no value.",
    r"Option '(?P<option>.*)' requires an argument\.": "The option {option} needs a value.",
}


def worded(error: Any) -> str:
    """The sentence for an error of typer's; its own words for one that isn't known here."""
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = next(iter(error.possibilities or ()), None)
        meant = sentence(" Did you mean {near!r}?", near=near) if near else ""
        return sentence("There is no option {option}.{meant}", option=error.option_name, meant=meant)
    if kind == "MissingParameter" and error.param is not None:
        if error.param.param_type_name == "option":
            return sentence("The option {option} is missing.", option=" / ".join(error.param.opts))
        return sentence("The argument {word} is missing.", word=error.param.human_readable_name)
    if kind == "BadParameter" and error.param is not None and (what := _known(_VALUES, error.message)):
        word = error.param.get_error_hint(error.ctx).replace("'", "")
        return sentence("{word}: {what}", word=word, what=what)
    return _known(_LINES, error.format_message()) or str(error.format_message())


def _known(patterns: dict[str, str], message: str) -> str | None:
    for pattern, template in patterns.items():
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return sentence(template, **match.groupdict())
    return None
