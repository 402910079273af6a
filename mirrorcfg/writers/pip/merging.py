"""What pip makes of its files and variables: one over another, then one section over another.

Source of the rules: pip/_internal/configuration.py and cli/parser.py, 22.3 to 26.3. A stronger empty value
hides a weaker one, and is then passed over; in 25.2 and 25.3 it hides nothing. Up to 24.0 an address that
stands below its `index-url =` is no address to pip.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mirrorcfg.errors import FormatError
from mirrorcfg.model.layer import Effective, Layer, Reading
from mirrorcfg.model.settings import Value
from mirrorcfg.sentence import sentence

OPTIONS = {
    "index-url": "index-url",
    "extra-index-urls": "extra-index-url",
    "find-links": "find-links",
    "no-index": "no-index",
    "ca-file": "cert",
}
LISTS = ("extra-index-urls", "find-links")
COMMANDS = ("install", "download", "wheel", "lock", "index", "list")
"""Those that ask an index, `install` first; each has a section."""
VARIABLES = ":env:"
"""The section that variables stand in; one of that name in a file counts, too."""
BUNDLES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
"""Weak to strong. They are those of requests, with which pip speaks: they win over any `cert` (tried)."""

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})  # distutils' strtobool, which pip uses
_FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
_SAME = {"pypi-url": "index-url"}  # two names of one option
# Options of `pip install` that pip stops at where their value is none, in all of 23.0 to 26.3.
_FLAGS = {
    "no-index", "no-deps", "no-dependencies", "pre", "dry-run", "user", "no-user", "upgrade",
    "force-reinstall", "ignore-installed", "ignore-requires-python", "use-pep517",
    "check-build-dependencies", "break-system-packages", "compile", "no-compile", "prefer-binary",
    "require-hashes", "no-clean", "no-build-isolation", "no-warn-script-location", "no-warn-conflicts",
    "debug", "isolated", "require-virtualenv", "require-venv", "no-input", "disable-pip-version-check",
    "no-color", "no-python-version-warning",
}  # fmt: skip
_NUMBERS = ("retries", "timeout", "default-timeout")

_Said = dict[str, dict[str, tuple[str, Layer]]]


def normal(name: str) -> str:
    """An option's name as pip has it, from any spelling of a file's or a variable's."""
    return name.lower().replace("_", "-").removeprefix("--")


def spellings(key: str) -> tuple[str, ...]:
    """The options that say what a profile's key says."""
    option = OPTIONS[key]
    return (option, *(other for other, same in _SAME.items() if same == option))


def concerns(option: str) -> bool:
    """Does it say what pip asks, or may pip stop at it?"""
    return option in _KEYS or option in _FLAGS or option in _NUMBERS


def release(version: str | None) -> tuple[int, ...]:
    """`23.2.1` as numbers; of a pip that isn't known, later than all."""
    numbers = [part for part in (version or "").split(".")[:2] if part.isdecimal()]
    return tuple(int(part) for part in numbers) or (10**6,)


def effective(readings: Sequence[Reading]) -> Effective:
    """What `pip install` uses; a warning where another command that asks an index would use something else.

    Raises FormatError for a value that pip stops at.
    """
    install = _resolved(readings, COMMANDS[0], strict=True)
    warnings = tuple(
        sentence(
            "[{command}] in {path} gives `pip {command}` another {key}.", command=command, path=path, key=key
        )
        for command in COMMANDS[1:]
        for key, path in _differences(install, _resolved(readings, command))
    )
    return Effective(install.settings, install.origins, warnings)


def options(readings: Sequence[Reading], environ: Mapping[str, str]) -> Mapping[str, str]:
    """All that `pip install` is told, by option; `environ` has what no layer speaks of."""
    found = _sections(readings, ("global", COMMANDS[0], VARIABLES), _reader(readings))
    said = {option: text for section in found.values() for option, (text, _) in section.items()}
    return said | {normal(name[4:]): text for name, text in environ.items() if name[:4] == "PIP_" and text}


def is_yes(text: str) -> bool:
    """Does pip take this for a yes?"""
    return text.lower() in _TRUE


def _reader(readings: Sequence[Reading]) -> tuple[int, ...]:
    return release(next((each.layer.reader for each in readings if each.layer.reader), None))


def _resolved(readings: Sequence[Reading], command: str, *, strict: bool = False) -> Effective:
    reader, sections = _reader(readings), ("global", command, VARIABLES)
    if strict:
        _judge_all(readings, sections, reader)
    said = _sections(readings, sections, reader)
    settings: dict[str, Value] = {}
    origins: dict[str, tuple[Layer, ...]] = {}
    for options in said.values():
        for option, (text, layer) in options.items():
            if key := _KEYS.get(option):
                settings[key], origins[key] = _value(key, text), (layer,)
    for reading in readings:
        if reading.layer.variable in BUNDLES and reading.layer.value:
            settings["ca-file"], origins["ca-file"] = reading.layer.value, (reading.layer,)
    index = settings.get("index-url")
    if settings.get("no-index") is True:  # pip then asks no index, whatever is set
        for key in ("index-url", "extra-index-urls"):
            settings.pop(key, None)
            origins[key] = origins["no-index"]
    elif isinstance(index, str):
        if index[0].isspace() and reader < (24, 1):
            del settings["index-url"]
        else:
            settings["index-url"] = index.lstrip()
    return Effective(settings, origins)


_KEYS = {option: key for key in OPTIONS for option in spellings(key)}


def _sections(readings: Sequence[Reading], names: Sequence[str], reader: tuple[int, ...]) -> _Said:
    """What counts in each section, in pip's order: an option's place is that of the first file to name it."""
    found: _Said = {name: {} for name in names}
    each_by_itself = _is_by_itself(reader)
    for section, option, text, layer in _said(readings):
        if section not in found or (each_by_itself and not text):
            continue
        if each_by_itself:
            found[section].pop(option, None)
        found[section][option] = (text, layer)
    return {name: {key: said for key, said in options.items() if said[0]} for name, options in found.items()}


def _said(readings: Sequence[Reading]) -> Iterator[tuple[str, str, str, Layer]]:
    for layer, values, _ in readings:
        if layer.variable is not None:
            if layer.variable not in BUNDLES:
                yield VARIABLES, normal(layer.variable[4:]), layer.value or "", layer
        elif layer.ignored is None:
            for name, value in values.items():
                section, _, option = name.partition(".")
                yield section, option, str(value), layer


def _is_by_itself(reader: tuple[int, ...]) -> bool:
    """Does this pip take each file's options by themselves, one file after another?"""
    return (25, 2) <= reader < (26,)


def _judge_all(readings: Sequence[Reading], names: Sequence[str], reader: tuple[int, ...]) -> None:
    """Raise FormatError for the first value that this pip stops at, a hidden one too where it takes each."""
    if _is_by_itself(reader):
        each = ((option, text, layer) for section, option, text, layer in _said(readings) if section in names)
    else:
        said = _sections(readings, names, reader)
        each = ((option, *found) for options in said.values() for option, found in options.items())
    for option, text, layer in each:
        if text:
            _judge(option, text, layer)


def _judge(option: str, text: str, layer: Layer) -> None:
    """Raise FormatError for what pip itself stops at."""
    if option in _FLAGS and text.lower() not in _TRUE | _FALSE:
        what = sentence("{option} is neither yes nor no, and pip stops at it.", option=option)
    elif option in _NUMBERS and not _is_number(option, text):
        what = sentence("{option} is no number, and pip stops at it.", option=option)
    else:
        return
    mend = sentence("mend {option} in {path}", option=option, path=layer.path)
    hint = f"unset {layer.variable}" if layer.variable else mend
    raise FormatError("bad-value", what, path=layer.label, key=option, hint=hint)


def _is_number(option: str, text: str) -> bool:
    try:
        float(text) if option.endswith("timeout") else int(
            text, 0 if text[:2].lower() in ("0x", "0b") else 10
        )
    except ValueError:
        return False
    return True


def _value(key: str, text: str) -> Value:
    if key in LISTS:
        return tuple(text.split())
    return text.lower() in _TRUE if key == "no-index" else text


def _differences(one: Effective, other: Effective) -> list[tuple[str, str]]:
    return [
        (key, other.origins[key][0].label)
        for key in OPTIONS
        if one.settings.get(key) != other.settings.get(key) and key in other.origins
    ]
