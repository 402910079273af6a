"""fetchr: a tool that nobody has heard of, in one file. It reads ~/.fetchr.json, then $FETCHR_INDEX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg import formats
from mirrorcfg.formats.past import Past
from mirrorcfg.model.client import Client, named
from mirrorcfg.model.layer import Effective, Layer, Reading, Source
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.settings import Key, Kind, Settings, Value
from mirrorcfg.model.tool import Tool
from mirrorcfg.writers import besides as besides
from mirrorcfg.writers import ca_file as ca_file
from mirrorcfg.writers import give_way as give_way
from mirrorcfg.writers import questions as questions

TOOL = Tool(("fetchr",), alone=True)
KEYS = {"index-url": Key(Kind.URL, "the index", always=True, example="https://${host}/simple")}

_VARIABLE = "FETCHR_INDEX"


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """The file, and the variable over it."""
    scope = scope or "user"
    folder = machine.path("/etc") if scope == "system" else machine.home
    value = machine.environ.get(_VARIABLE)
    return (
        Layer("file", folder / ".fetchr.json", scope, target=True),
        *([Layer(_VARIABLE, variable=_VARIABLE, value=value)] if value else []),
    )


def read(text: str) -> Mapping[str, Value]:
    """The index, if one is named."""
    found = formats.json.read(text).get("index")
    return {"index": found} if isinstance(found, str) else {}


def edit(text: str, settings: Settings, past: Past | None = None) -> str:
    """The index as `settings` says."""
    return formats.json.edit(text, {("index",): settings.get("index-url")})


def revert(text: str, left: str, target: str) -> str:
    """The index as `target` has it."""
    return formats.keys.revert(formats.json, text, left, target, [("index",)])


def effective(readings: Sequence[Reading]) -> Effective:
    """The variable, or else the file."""
    for layer, values, _ in reversed(readings):
        if value := layer.value or values.get("index"):
            return Effective({"index-url": value}, {"index-url": (layer,)})
    return Effective()


def sources(settings: Settings) -> tuple[Source, ...]:
    """The index."""
    url = settings.get("index-url")
    return (Source("fetchr", "index-url", url),) if isinstance(url, str) else ()


def environment(settings: Settings) -> Mapping[str, str | None]:
    """Its one variable."""
    url = settings.get("index-url")
    return {_VARIABLE: url if isinstance(url, str) else None}


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """It says who it is, and trusts what its own variable names."""
    return Client(
        "fetchr",
        "index",
        "fetchr/1.0",
        also=named(machine, "SSL_CERT_FILE"),
        environ=machine.environ,
    )
