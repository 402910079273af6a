"""What of a file on a page in JSON isn't as the standard has it, so that a client may refuse the whole page.

The standard is PEP 691, 700 and 714. Which client refuses what was tried, and stands with that client.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mirrorcfg.sentence import sentence

_LENGTHS = {"md5": 32, "sha256": 64, "sha384": 96, "sha512": 128, "sha1": 40, "sha224": 56, "blake2b": 128}
_JUDGED = ("sha256", "sha384", "sha512", "md5", "blake2b")


def odd(item: object) -> dict[str, str]:
    """What is wrong by what it is called, each with words for it; empty for what is as it should be."""
    if not isinstance(item, Mapping):
        return {}
    found = {**_time(item), **_hashes(item)}
    if not isinstance(item.get("filename"), str):
        found["filename"] = sentence("a file has no filename")
    size = item.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        found["size"] = _words("size", size)
    requires = item.get("requires-python")
    if requires is not None and not isinstance(requires, str):
        found["requires-python"] = _words("requires-python", requires)
    if not isinstance(item.get("yanked", False), bool | str):
        found["yanked"] = _words("yanked", item["yanked"])
    promise = item.get("core-metadata")
    if promise is not None and not isinstance(promise, bool | dict):
        found["core-metadata"] = _words("core-metadata", promise)
    return found


def _words(key: str, value: object) -> str:
    return sentence("a file's {key} is {value}", key=key, value=_cut(value))


def _cut(value: object) -> str:
    return repr(value)[:40]


def _time(item: Mapping[str, object]) -> dict[str, str]:
    if "upload-time" not in item:
        return {}
    text = item["upload-time"]
    words = _words("upload-time", text)
    if text is None or text == "":
        return {"time-empty": words}
    try:
        parsed = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        parsed = None
    if parsed is None:
        return {"time": words}
    return {} if parsed.tzinfo else {"time-local": words}


def _hashes(item: Mapping[str, object]) -> dict[str, str]:
    hashes = item.get("hashes")
    if not isinstance(hashes, dict):
        return {"hashes": sentence("a file's hashes are {value}", value=_cut(hashes))}
    found = {}
    for kind, value in hashes.items():
        if not value:
            found["hash-empty"] = _words(kind, value)
        if kind in _JUDGED and isinstance(value, str) and len(value) != _LENGTHS[kind]:
            found["hash-length"] = _words(kind, value)
    if hashes and not any(kind in _LENGTHS for kind in hashes):
        kind = _cut(next(iter(hashes)))
        found["hash-kind"] = sentence("a file's only hash is of a kind called {kind}", kind=kind)
    return found
