"""mirrorcfg's own settings: what config.toml may say, and what counts where it says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from mirrorcfg.errors import ConfigError, MirrorcfgError, UsageError
from mirrorcfg.model.profile import NAME, is_name
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import kind_of, listed, meant, shown

Json = dict[str, Any]
Wrong = Callable[..., MirrorcfgError]


class Config(NamedTuple):
    """Every setting, with what it is where no file says otherwise; `hold`, `interval`, `timeout` in seconds.

    `origins` names, for each key that a file sets, that file.
    """

    profile: str | None = None
    chain: tuple[str, ...] = ()
    hold: float = 600.0
    soft_failures: int = 3
    interval: float = 60.0
    timeout: float = 10.0
    keep: int = 1000
    origins: Mapping[str, str] = {}


class Setting(NamedTuple):
    """One key: its type, its bounds if it is a number, and what it is for."""

    kind: type
    help: str
    least: float = 0
    most: float = 0


SETTINGS: Mapping[str, Setting] = {
    "profile": Setting(str, "the profile that `mirrorcfg use` takes where none is named"),
    "chain": Setting(list, "the profiles that failover, watch and run go through, the first choice first"),
    "hold": Setting(
        float, "for how many seconds the first choice must be well before it is taken back", 0, 604800
    ),
    "soft-failures": Setting(
        int, "how often in a row a source may be in trouble before it is left for the next one", 1, 1000
    ),
    "interval": Setting(float, "how many seconds `watch` waits from one look to the next", 1, 86400),
    "timeout": Setting(float, "within how many seconds all sources must have answered", 0.1, 3600),
    "keep": Setting(int, "how many generations of the history are kept", 2, 1000000),
}


_WANTED = {
    str: sentence("a string"),
    list: sentence("a list of strings"),
    int: sentence("a whole number"),
    float: sentence("a number"),
}


def load(files: Mapping[str, bytes]) -> Config:
    """What the files say, the weakest first, by path; a stronger one replaces single keys.

    Raises ConfigError with file, line and key: `config-syntax` and its like, `unknown-key`, `wrong-type`,
    `out-of-range`, `config-name`, `empty-value`, `duplicate-value`.
    """
    said: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for path, data in files.items():
        for key, value in _checked(path, data).items():
            said[key.replace("-", "_")] = value
            origins[key] = path
    return Config(**said, origins=origins)


def spoken(key: str, text: str) -> Any:
    """The value of a key that is spelt as a word of the command line, checked as one in a file is.

    Names stand with commas between. Raises UsageError.
    """

    def wrong(code: str, what: str, *keys: str | int, hint: str | None = None) -> UsageError:
        return UsageError(code, what, key=key, hint=hint)

    kind = SETTINGS[key].kind
    value: Any = text
    if kind is list:
        value = [name.strip() for name in text.split(",") if name.strip()]
    elif kind is not str:
        with suppress(ValueError):
            value = kind(text)
    return _value(key, value, wrong)


def unknown(key: str) -> str:
    """The sentence for a key that isn't one, with the nearest right one."""
    near = meant(key, SETTINGS)
    return sentence("There is no key {key} in the configuration.{meant}", key=shown(key), meant=near)


def keys() -> str:
    """The hint with all of them."""
    return sentence("the keys are {keys}", keys=listed(SETTINGS))


def schema() -> Json:
    """The JSON Schema of config.toml, for editors; mirrorcfg itself checks with `load`."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mirrorcfg configuration",
        "description": "What mirrorcfg does where its command line doesn't say.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _described(key, setting) for key, setting in SETTINGS.items()},
    }


def _checked(path: str, data: bytes) -> Mapping[str, Any]:
    from mirrorcfg.formats.document import Subject, parse

    subject = Subject(sentence("The configuration"), "config", path, ConfigError)
    text, content = parse(data, subject)

    def wrong(code: str, what: str, *keys: str | int, hint: str | None = None) -> ConfigError:
        return subject.wrong(code, what, text, *keys, hint=hint)

    return {key: _value(key, value, wrong) for key, value in content.items()}


def _value(key: str, value: Any, wrong: Wrong) -> Any:
    """The value as `Config` has it. Raises ConfigError."""
    setting = SETTINGS.get(key)
    if setting is None:
        raise wrong("unknown-key", unknown(key), key, hint=keys())
    if not _is(value, setting.kind):
        what = sentence(
            "The value of {key} must be {wanted}, not {said}.",
            key=shown(key),
            wanted=_WANTED[setting.kind],
            said=kind_of(value),
        )
        raise wrong("wrong-type", what, key)
    if setting.kind is list:
        return _names(key, value, wrong)
    if setting.kind is str:
        return _name(value, wrong, key)
    if not setting.least <= value <= setting.most:  # not-a-number is between nothing
        what = sentence(
            "The value of {key} must be from {least:g} to {most:.0f}.",
            key=shown(key),
            least=setting.least,
            most=setting.most,
        )
        raise wrong("out-of-range", what, key)
    return setting.kind(value)


def _is(value: Any, kind: type) -> bool:
    # By type() rather than isinstance: a bool is an int to Python.
    return type(value) is kind or (kind is float and type(value) is int)


def _names(key: str, value: list[Any], wrong: Wrong) -> tuple[str, ...]:
    if not value:
        what = sentence("The value of {key} is empty.", key=shown(key))
        raise wrong("empty-value", what, key, hint=sentence("leave {key} out", key=key))
    for index, name in enumerate(value):
        if name in value[:index]:
            what = sentence("{name} is in the list of {key} twice.", name=shown(name), key=shown(key))
            raise wrong("duplicate-value", what, key, index)
    return tuple(_name(name, wrong, key, index) for index, name in enumerate(value))


def _name(value: Any, wrong: Wrong, *keys: str | int) -> str:
    if not (isinstance(value, str) and is_name(value)):
        what = sentence("{name} is not the name of a profile.", name=shown(value))
        raise wrong("config-name", what, *keys, hint="mirrorcfg ls")
    return value


def _described(key: str, setting: Setting) -> Json:
    default = getattr(Config(), key.replace("-", "_"))
    said = {} if default in (None, ()) else {"default": default}
    return {**_shape(setting), **said, "description": setting.help}


def _shape(setting: Setting) -> Json:
    name = {"type": "string", "pattern": f"^{NAME}$"}
    if setting.kind is str:
        return name
    if setting.kind is list:
        return {"type": "array", "minItems": 1, "uniqueItems": True, "items": name}
    number = "integer" if setting.kind is int else "number"
    return {"type": number, "minimum": setting.least, "maximum": setting.most}
