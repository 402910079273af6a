"""What dockerd refuses in `builder`, the settings of the cache that a build fills.

Source of the rules: docker's documentation, "dockerd", and moby's source; each was tried on dockerd 20.10.24.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrorcfg.activation import goform
from mirrorcfg.activation.shapes import Misfit, field
from mirrorcfg.sentence import sentence

_CACHE_FIELDS = {"id", "parent", "type", "description", "inuse", "shared", "private"}
_PAIRS = sentence("a list of NAME=VALUE")


def misfit(value: Mapping[str, Any]) -> Misfit | None:
    """What 20.10 refuses in it."""
    gc = field(value, "gc") or {}
    on, keep = field(gc, "enabled"), field(gc, "defaultkeepstorage") or ""
    if on and keep and not goform.is_size(keep):
        return Misfit(".gc.defaultKeepStorage", sentence("a size like 10GB"))
    for index, each in enumerate(field(gc, "policy") or ()):
        at = f".gc.policy[{index}]"
        filters = _filters(field(each or {}, "filter") or {})
        if filters is None:
            return Misfit(f"{at}.filter", _PAIRS)
        if on and not goform.is_size(field(each or {}, "keepstorage") or ""):
            return Misfit(f"{at}.keepStorage", sentence("a size like 10GB"))
        ages = [*filters.get("until", ()), *filters.get("unused-for", ())]
        if on and (len(ages) > 1 or not all(map(goform.is_span, ages))):
            return Misfit(f"{at}.filter", sentence("given with one time like until=48h"))
        if on and any(len(filters.get(name, ())) > 1 for name in _CACHE_FIELDS):
            return Misfit(f"{at}.filter", sentence("given with one value for each name"))
    return None


def _filters(value: Any) -> Mapping[str, set[str]] | None:
    """The values of each name."""
    if isinstance(value, Mapping):
        return {name: set(texts or ()) for name, texts in value.items()}
    found: dict[str, set[str]] = {}
    for each in value:
        name, equals, text = (each or "").partition("=")
        if not equals:
            return None
        found.setdefault(name.strip(goform.SPACES).lower(), set()).add(text.strip(goform.SPACES))
    return found


def lasting(value: Mapping[str, Any]) -> Misfit | None:
    """Filters without a value they take by now; of two keys that are one to docker the last counts."""
    found = None if len({key.lower() for key in value}) < len(value) else misfit(value)
    return None if found and found.wanted == _PAIRS else found
