"""Files that conda itself refuses, each with the line that it is about.

Source of the rules: conda/common/configuration.py. conda asks all of its options before it installs anything,
so those that have nothing to do with channels count, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mirrorcfg import formats
from mirrorcfg.errors import FormatError
from mirrorcfg.model.layer import Layer
from mirrorcfg.sentence import sentence
from mirrorcfg.writers.conda.address import has_scheme
from mirrorcfg.writers.conda.options import FLAGS, LISTS, LISTS_BY_NAME, MAPS, flag, spellings

# The others that take a list, or a map, in conda from 24 to 26.
_OTHER_LISTS = (
    ("create_default_packages", "_create_default_packages"),
    ("aggressive_update_packages", "_aggressive_update_packages"),
    ("pinned_packages",),
    ("disallowed_packages", "disallow"),
    ("track_features",),
    ("envs_dirs", "envs_path", "_envs_dirs"),
    ("pkgs_dirs", "_pkgs_dirs"),
    ("subdirs", "_subdirs"),
    ("repodata_fns",),
)
_FLAGS = frozenset(
    [
        "add_anaconda_token",
        "allow_conda_downgrades",
        "allow_non_channel_urls",
        "allow_softlinks",
        "always_copy",
        "always_softlink",
        "always_yes",
        "auto_update_conda",
        "changeps1",
        "notify_outdated_conda",
        "override_channels_enabled",
        "quiet",
        "rollback_enabled",
        "use_index_cache",
        "use_only_tar_bz2",
    ]
)
_NUMBERS = frozenset(
    [
        "auto_stack",
        "default_threads",
        "fetch_threads",
        "remote_backoff_factor",
        "remote_max_retries",
        "repodata_threads",
        "verify_threads",
        "execute_threads",
    ]
)
_NUMBER = re.compile(r"\s*[-+]?\d+\s*")
_OTHER_MAPS = (("conda_build", "conda-build", "_conda_build"),)


def check(text: str, data: Mapping[str, Any]) -> None:
    """Raises FormatError, with line and column, for what conda would refuse to start with."""
    for path, code, what, hint in _faults(data):
        raise formats.yaml.refused(text, path, code, what, hint)


def twice(names: tuple[str, ...]) -> FormatError:
    """The error about one option in two variables."""
    one, other = names[0], names[-1]
    what = sentence(
        "conda refuses to start: {one} and {other} are two names of one setting.", one=one, other=other
    )
    return FormatError("aliased-keys", what, key=other, hint=f"unset {other}")


def no_map(name: str) -> FormatError:
    """The error about a map that a variable should be."""
    what = sentence("conda refuses to start: it reads no map from a variable, and {name} is one.", name=name)
    return FormatError("wrong-type", what, key=name, hint=f"unset {name}")


def bare_alias(layer: Layer) -> FormatError:
    """The error about an alias that is no address, once its variables are opened."""
    what = sentence("conda refuses a channel_alias without a scheme, as {path} has it.", path=layer.label)
    hint = f"unset {layer.variable}" if layer.variable else "write https:// before it"
    path = None if layer.path is None else str(layer.path)
    return FormatError("wrong-type", what, path=path, key="channel_alias", hint=hint)


def no_flag(name: str) -> FormatError:
    """The error about a variable that is neither yes nor no."""
    what = sentence("conda refuses to start: {name} is neither true nor false.", name=name)
    return FormatError("wrong-type", what, key=name, hint=f"unset {name}")


def _faults(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    lists = (*map(spellings, (*LISTS, "channel_settings")), *_OTHER_LISTS)
    maps = (*map(spellings, (*MAPS, "custom_multichannels")), *_OTHER_MAPS)
    for names in (*lists, *maps, spellings("channel_alias"), spellings("ssl_verify")):
        there = [name for name in data if name in names]
        if len(there) > 1:
            one, other = there[:2]
            what = sentence(
                "conda refuses a file with both {one} and {other}: they are one setting", one=one, other=other
            )
            yield (other,), "aliased-keys", what, sentence("keep {name} only", name=names[0])
    for name, value in data.items():
        if any(name in names for names in lists):
            yield from _list((name,), value)
        elif any(name in names for names in maps):
            yield from _map(name, value)
        elif name in spellings("channel_alias") and not has_scheme(str(value)) and "$" not in str(value):
            what = sentence("conda refuses {name} without a scheme", name=name)
            yield (name,), "wrong-type", what, "write https:// before it"
        elif name in spellings("ssl_verify") and isinstance(value, list | dict):
            yield (name,), *_no_text(name)
        elif name in (*FLAGS, *_FLAGS) and flag(value) is None:
            what = sentence("conda refuses {name} that is neither true nor false", name=name)
            yield (name,), "wrong-type", what, "true or false"
        elif name in _NUMBERS and not _is_number(value):
            what = sentence("conda refuses {name} that isn't a number", name=name)
            yield (name,), "wrong-type", what, "write a number"


def _is_number(value: object) -> bool:
    return isinstance(value, bool | int | float) or _NUMBER.fullmatch(str(value)) is not None


def _list(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    name = path[-1]
    if not isinstance(value, list | None):
        what = sentence("conda refuses {name} that isn't a list", name=name)
        yield path, "wrong-type", what, sentence("write {name}: [VALUE]", name=name)
    elif path[0] != "channel_settings" and any(isinstance(item, list | dict) for item in value or ()):
        what = sentence("conda refuses {name} with anything but texts in it", name=name)
        yield path, "wrong-type", what, "one text to an item"


def _map(name: str, value: object) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    if not isinstance(value, dict | None):
        what = sentence("conda refuses {name} that isn't a map", name=name)
        yield (name,), "wrong-type", what, sentence("write {name}: {{NAME: VALUE}}", name=name)
        return
    for key, item in (value or {}).items():
        if name in spellings(LISTS_BY_NAME[0]):
            yield from _list((name, str(key)), item)
        elif isinstance(item, list | dict):
            yield (name, str(key)), *_no_text(str(key))


def _no_text(name: str) -> tuple[str, str, str]:
    what = sentence("conda refuses {name} that isn't a text", name=name)
    return "wrong-type", what, sentence("write {name}: VALUE", name=name)
