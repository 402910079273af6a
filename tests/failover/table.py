"""What becomes of the promises if one rule of the core is left out.

`python -m tests.failover.table [WORLDS]` prints a line for each: the promises that break, and in how many worlds.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType

from mirrorcfg.failover import decide
from tests.failover.world import broken

SOURCE = Path(str(decide.__code__.co_filename)).read_text("utf-8")
# Each rule by the words that make it, and what stands there without it.
RULES = {
    "a candidate has passed in this very look": ("and view.works(each.name)", "and view.works"),
    "what shares the fate of the failed one comes last": (
        "    working.sort(key=lambda each: each.domain == domain)\n",
        "",
    ),
    "a soft failure has to last": ("or track.failures >= rules.soft_failures", "or True"),
    "a hard failure acts at once": ("sight.health is Health.HARD or ", ""),
    "what works sets the count back": ("track._replace(failures=0, alone=0)\n    if", "track\n    if"),
    "what has worked and shows nothing any more is in trouble": ("if lost else", "if False else"),
    "what works is remembered": ("track = track._replace(proven=sight.addresses)", "pass"),
    "what never worked is no loss": (" and track.proven == sight.addresses", ""),
    "what worked elsewhere is none either": ("track.proven == sight.addresses", "track.proven is not None"),
    "what is taken has worked": (", proven=view.of(to.name).addresses", ""),
    "so has what is gone back to": ("Track(name, proven=view.of(name).addresses)", "Track(name)"),
    "a time-out in the dark doesn't count": (" if view.online or remote else track.failures", ""),
    "a fault of our own is no reason to leave": ("if sight.health is Health.OURS", "if False"),
    "the disk is the last resort": ("if not each.local]", "]"),
    "the disk waits, too": ("if local and track.alone >= rules.soft_failures", "if local"),
    "the disk waits for looks in a row": ("alone=0 if remote else track.alone + 1", "alone=track.alone + 1"),
    "the disk is taken where no network is": ("if local and", "if local and view.online and"),
    "the first choice stays the first": ("home = track.home or track.using", "home = track.using"),
    "one goes back only after a while": ("view.now - track.well_since >= rules.hold", "True"),
    "one goes back after a while": ("track.well_since is not None and", "False and"),
    "of health without a break": ("since = None\n", "pass\n"),
    "a gap between looks is a break": ("<= rules.gap", "< 1e9"),
    "a clock set back is a break": ("not 0 <= view", "not -1e9 < view"),
    "the user's own choice stands": (
        "return track if track is not None and track.using == using else Track(using)",
        "return Track(using) if track is None else track._replace(using=using)",
    ),
}


def without(rule: str) -> ModuleType:
    """The core without that rule."""
    words, instead = RULES[rule]
    if SOURCE.count(words) != 1:
        raise ValueError(f"{words!r} stands {SOURCE.count(words)} times in the core")
    module = ModuleType("core")
    exec(compile(SOURCE.replace(words, instead), "core", "exec"), module.__dict__)
    return module


def violations(core: ModuleType, worlds: int) -> Iterator[tuple[int, set[str]]]:
    """The worlds in which a promise breaks, and which."""
    for seed in range(worlds):
        if found := set(broken(seed, core)):
            yield seed, found


@cache
def first(rule: str, worlds: int) -> tuple[int, set[str]] | None:
    """The first world that shows what the rule is for."""
    return next(islice(violations(without(rule), worlds), 1), None)


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    for rule in RULES:
        counts = Counter(promise for _, found in violations(without(rule), worlds) for promise in found)
        text = ", ".join(f"{promise} ({count})" for promise, count in counts.most_common())
        print(f"{rule}\n    {text or 'NOTHING GOES WRONG'}", flush=True)


if __name__ == "__main__":
    main()
