"""What becomes of the promise if one fsync, or the journal's checksum, is left out.

`python -m tests.crash.table` prints a line for each: the first violation that is found without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from unittest import mock

from mirrorcfg.errors import MirrorcfgError, RecoveryError
from mirrorcfg.store import sealed
from tests.crash.scenarios import (
    SCENARIOS,
    STATE,
    Scenario,
    begin,
    examine,
    length,
    recover,
    retry,
    violations,
)

# Every fsync of the store by the functions that lead to it; a new one has to show here what it is for.
FSYNCS = (
    "history.add < transaction._attempt",
    "objects._sync < objects.put < transaction._attempt",
    "objects.put < transaction._attempt",
    "recovery._close < recovery._roll_back < recovery.run",
    "recovery._roll_back < recovery.run",
    "recovery._settle < recovery._restore < recovery._roll_back",
    "recovery.complete < recovery.run",
    "recovery.complete < transaction._finish < transaction._attempt",
    "recovery.run",
    "replace.overwrite < between.put < transaction._pass",
    "replace.overwrite < recovery._restore < recovery._roll_back",
    "replace.overwrite < transaction._apply < transaction._change",
    "replace.stage < between.put < transaction._pass",
    "replace.stage < recovery._old_content < recovery._restore",
    "replace.stage < transaction._stage < transaction._change",
    "sealed.create < history.add < transaction._attempt",
    "sealed.create < objects._write < objects.put",
    "sealed.create < sealed.save < history._set_head",
    "sealed.create < sealed.save < journal.write",
    "sealed.save < history._set_head < history.add",
    "sealed.save < history._set_head < history.prune",
    "sealed.save < journal.write < transaction._change",
    "state.anchor < transaction._attempt",
    "transaction._make_durable < transaction._change < transaction._attempt",
    "transaction._stage < transaction._change < transaction._attempt",
)


@cache
def trodden() -> dict[str, list[Scenario]]:
    """The fsyncs that the scenarios come by, and which do."""
    found: dict[str, list[Scenario]] = {}
    for scenario in SCENARIOS:
        here: set[str] = set()
        for stop in [*range(length(scenario)), None]:
            disk = begin(scenario, stop)
            here |= disk.sites.keys() | recover(disk.kill()).sites.keys()
        for site in here:
            found.setdefault(site, []).append(scenario)
    return found


def without(site: str) -> str | None:
    """What goes wrong without that fsync, None if nothing does."""
    tries = [
        (examine, trodden()[site]),
        (retry, SCENARIOS),
        (partial(examine, nested=True), trodden()[site]),
    ]
    for way, scenarios in tries:
        for scenario in scenarios:
            for problem in way(scenario, ignore=site, most=12):
                return f"{scenario.name}, {problem}"
    return None


def without_checksum() -> str | None:
    """What a damaged journal does if its checksum isn't looked at."""
    scenario = SCENARIOS[0]
    with mock.patch.object(sealed, "sha256", _Blind):
        return next(_damaged(scenario), None)


def damaged_journals() -> list[str]:
    """What a journal with one byte changed does."""
    return list(_damaged(SCENARIOS[0]))


class _Blind:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def hexdigest(self) -> str:
        return "0" * 64


def _damaged(scenario: Scenario) -> Iterator[str]:
    """One byte of the journal is another, at each place in turn: files may not go wrong by that."""
    for stop in range(length(scenario)):
        crashed = begin(scenario, stop).kill()
        place = STATE / "journal"
        if crashed.lstat(place) is None:
            continue
        data = crashed.read(place)
        for at in range(0, len(data), 7):
            disk = crashed.kill()
            disk.put(str(place), data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], mode=0o600)
            before = disk.tree()
            try:
                recover(disk)
            except RecoveryError as error:
                if error.code != "journal-damaged":
                    yield f"step {stop}, byte {at}: {error.code}"
                elif disk.tree().items() - before.items() - {(str(STATE / "lock"), (b"", 0o600))}:
                    yield f"step {stop}, byte {at}: something was touched"
                continue
            except MirrorcfgError as error:
                yield f"step {stop}, byte {at}: {error.code}"
                continue
            yield from violations(scenario, disk)


def main() -> None:
    for site in FSYNCS:
        print(f"{site}\n    {without(site) or 'NOTHING GOES WRONG'}"[:200])
    print(f"the journal's checksum\n    {without_checksum() or 'NOTHING GOES WRONG'}"[:200])


if __name__ == "__main__":
    main()
