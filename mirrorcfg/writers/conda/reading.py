"""What stands in one layer, in conda's own words, with the marks that its comments are.

`#!final` has the options and the map's entries that are marked so, `#!top` and `#!bottom` the items, each
behind the option that it is an item of. Source of the rules: conda/common/configuration.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mirrorcfg import formats
from mirrorcfg.model.layer import Layer
from mirrorcfg.model.settings import Value
from mirrorcfg.writers.conda import refused
from mirrorcfg.writers.conda.options import (
    FLAGS,
    LISTS,
    LISTS_BY_NAME,
    MAPS,
    OPTIONS,
    SPELLINGS,
    flag,
    spellings,
    spelt,
)

FINAL, TOP, BOTTOM = "#!final", "#!top", "#!bottom"
_MARK = re.compile(r"#[!#]*(final|top|bottom)[!#]*")
_APART = ", "
_MAMBA = (
    "CONDA_CHANNELS",
    "MAMBA_DEFAULT_CHANNELS",
    "MAMBA_CHANNEL_ALIAS",
    "MAMBA_CUSTOM_CHANNELS",
    "MAMBA_MIRRORED_CHANNELS",
    "MAMBA_OFFLINE",
    "MAMBA_SSL_VERIFY",
)
BUNDLES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # with which conda speaks: they win over ssl_verify


def read(text: str) -> Mapping[str, Value]:
    """The options that concern us, and the marks. Raises FormatError for what conda refuses."""
    data = formats.yaml.read(text)
    refused.check(text, data)
    found: dict[str, Value] = {
        option: _value(option, value)
        for option in OPTIONS
        if (value := data.get(spelt(option, data))) is not None
    }
    if _MARK.search(text):
        found |= _marks(text, data)
    return found


def variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Those of these variables that are an option of conda's, or a CA of requests', weak to strong."""
    known = {name for option in OPTIONS for name in spellings(option)}
    ours = [name for name in environ if name.startswith("CONDA_") and _named(name) in known]
    return (*sorted(ours), *(name for name in BUNDLES if name in environ))


def mamba_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Those that mamba reads: of conda's names this one alone."""
    return tuple(name for name in (*_MAMBA, *BUNDLES) if name in environ)


def said(layer: Layer) -> tuple[str, Value] | None:
    """What a variable says, and of which option. Raises FormatError for what conda refuses."""
    name, text = layer.variable or "", layer.value or ""
    if name in BUNDLES:
        return ("ssl_verify", text) if text else None
    option = next(option for option in OPTIONS if _named(name) in spellings(option))
    if name.startswith("MAMBA_") and option in (*MAPS, *LISTS_BY_NAME):
        value = formats.yaml.read(f"{option}: {text}").get(option)
        return (option, _value(option, value)) if isinstance(value, dict) else None
    if option in LISTS:
        return option, tuple(part.strip() for part in text.split(",") if part.strip())
    if option in MAPS or option == LISTS_BY_NAME[0]:
        raise refused.no_map(name)
    if option in LISTS_BY_NAME:
        return None
    text = text.partition("!important")[0].strip()
    if option not in (*FLAGS, "ssl_verify"):
        return option, text
    if (yes := flag(text)) is None and option in FLAGS:
        raise refused.no_flag(name)
    return option, text if yes is None else yes


def check(layers: Iterable[Layer]) -> None:
    """Raises FormatError for two variables that are one option."""
    names = [layer.variable for layer in layers if layer.variable]
    for option in SPELLINGS:
        if len(same := tuple(name for name in names if _named(name) in spellings(option))) > 1:
            raise refused.twice(same)


def entries(value: Value) -> Mapping[str, tuple[str, ...]]:
    """The lists of a map of lists."""
    items = value.items() if isinstance(value, Mapping) else ()
    return {name: tuple(text.split(_APART)) if text else () for name, text in items}


def _named(variable: str) -> str:
    return variable.removeprefix("CONDA_").removeprefix("MAMBA_").lower()


def _value(option: str, value: Any) -> Value:
    if option in LISTS:
        return tuple(map(str, value))
    if option in MAPS:
        empty = option == "proxy_servers"  # elsewhere an empty entry is the text None to conda
        return {str(name): "" if base is None and empty else str(base) for name, base in value.items()}
    if option in LISTS_BY_NAME and isinstance(value, dict):
        return {str(name): _APART.join(map(str, items or ())) for name, items in value.items()}
    if option in FLAGS:
        return bool(flag(value))
    if option == "ssl_verify" and (yes := flag(value)) is not None:
        return yes
    return str(value)


def _marks(text: str, data: Mapping[str, Any]) -> Mapping[str, Value]:
    options = {spelt(option, data): option for option in OPTIONS}
    found: dict[str, list[str]] = {}
    for mark, name in _marked(text, data, options):
        found.setdefault(mark, []).append(name)
    return {mark: tuple(names) for mark, names in found.items()}


def _marked(text: str, data: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for (key, *path), remark in formats.yaml.remarks(text).items():
        mark = _MARK.fullmatch(remark)
        if mark is None or not isinstance(key, str) or key not in options:
            continue
        node = data[key]
        for step in path[:-1]:
            node = node[step]
        name = " ".join([options[key], *(str(step) for step in path if isinstance(step, str))])
        if path and isinstance(path[-1], int):
            yield f"#!{mark[1]}", f"{name} {node[path[-1]]}"
        elif mark[1] == "final":
            yield FINAL, name
