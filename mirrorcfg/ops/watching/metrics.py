"""What `watch` saw, for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mirrorcfg.model.plan import User
from mirrorcfg.ops.watching.failover import Moved
from mirrorcfg.store import own

_HELP = {
    "mirrorcfg_source_up": ("gauge", "Whether a source that was asked at the last look passed."),
    "mirrorcfg_in_use": ("gauge", "The profile that a tool uses."),
    "mirrorcfg_switches_total": ("counter", "Switches and returns since watch was started."),
    "mirrorcfg_last_look_timestamp_seconds": ("gauge", "When the sources were last looked at."),
}


def write(
    path: Path, tools: Mapping[str, Moved], switches: Mapping[str, int], now: float, user: User | None = None
) -> None:
    """Put the file in its place whole, with that user's rights; `tools` is as `failover` has it.

    Raises MirrorcfgError.
    """
    own.put(path, text(tools, switches, now).encode(), user=user)


def text(tools: Mapping[str, Moved], switches: Mapping[str, int], now: float) -> str:
    """The file, in Prometheus' text format."""
    samples: dict[str, list[str]] = {name: [] for name in _HELP}
    for tool, entry in tools.items():
        for asked in entry.asked:
            labels = _labels(tool=tool, profile=asked.profile or "")
            samples["mirrorcfg_source_up"].append(f"{labels} {int(asked.ok)}")
        samples["mirrorcfg_in_use"].append(_labels(tool=tool, profile=entry.to or "") + " 1")
        samples["mirrorcfg_switches_total"].append(f"{_labels(tool=tool)} {switches.get(tool, 0)}")
    samples["mirrorcfg_last_look_timestamp_seconds"].append(f" {now:.3f}")
    return "\n".join(_lines(samples)) + "\n"


def _lines(samples: Mapping[str, list[str]]) -> Iterator[str]:
    for name, (kind, about) in _HELP.items():
        yield f"# HELP {name} {about}"
        yield f"# TYPE {name} {kind}"
        yield from (f"{name}{sample}" for sample in samples[name])


def _labels(**labels: str) -> str:
    # The names of tools and profiles hold nothing that would have to be escaped.
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
