"""`run`: a command with the variables of a source that works, and again with the next if that was amiss."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import PurePath
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import NotInEffectError, UsageError
from mirrorcfg.host import Host
from mirrorcfg.host.claim import set_here
from mirrorcfg.host.layers import layers_of
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding
from mirrorcfg.model.settings import Settings
from mirrorcfg.model.verdict import Probe, Verdict
from mirrorcfg.ops.running import locks
from mirrorcfg.ops.running.env import left_out, steered, wanted
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.sources import asking, lists, verify
from mirrorcfg.ops.sources.chain import suggested
from mirrorcfg.programs.command import Command, Ended
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import both, pasted

Tell = Callable[[Finding], None]
"""Told what happens, when something does."""


class Said(NamedTuple):
    """What is to be told of a tool: a finding's code, whose source is wrong and why, what takes its place."""

    code: str
    tool: str
    profile: str
    why: str
    other: str = ""

    def of(self, tools: str) -> str:
        """The sentence, which is told once of all tools that it is true of."""
        facts = {**self._asdict(), "tools": tools}
        return {
            "passed-over": sentence(
                "{profile} doesn't serve {tools} ({why}); this runs with {other}.", **facts
            ),
            "no-source": sentence("No source works for {tools} ({why}); it stays as it is.", **facts),
            "no-other": sentence(
                "{profile} stopped serving {tools} ({why}), and no other source works.", **facts
            ),
            "run-again": sentence(
                "{profile} stopped serving {tools} ({why}); the command is run again with {other}.", **facts
            ),
        }[self.code]


class Choice(NamedTuple):
    """One profile's source for one tool; a `proven` one has worked before, and not just shown no fault."""

    tool: str
    profile: str
    settings: Settings
    probes: tuple[Probe, ...]
    proven: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Which one it is."""
        return self.tool, self.profile


Choices = Sequence[Choice]
"""One tool's, the first one first."""


def run(
    host: Host,
    argv: Sequence[str],
    names: Sequence[str],
    only: Sequence[str],
    variables: Mapping[str, str],
    timeout: float,
    tell: Tell,
) -> Ended:
    """Run `argv` with the first source of the chain `names` that works, for each tool.

    Without names it is the profile in use, and those that it suggests to go on with.

    Where it fails, and the source that it had turns out broken, it is run again with the next that works;
    each is tried once. Raises NotInEffectError if none works at first, and CommandError: then it was not
    started.
    """
    asks = _asks(argv)
    chains = _chains(host, names, only, asks, variables)
    using, said = _first(host, chains, only, timeout)
    for tool, source in using.items():
        told = writers.writer(tool).environment(source.settings)
        if tool == asks and (found := locks.named(host, tool, argv, told, source.profile)):
            # What is pinned runs with neither of them.
            said = [each for each in said if each[:2] != ("passed-over", tool) or not found.pinned]
            tell(locks.finding(found, tool))
    _tell(said, tell)
    used = {source.key for source in using.values()}
    for tool, source in using.items():
        if tool in only or PurePath(argv[0]).name in writers.writer(tool).TOOL.programs:
            for finding in left_out(host, source.profile, tool, source.settings):
                tell(finding)
    for finding in provenance.amiss(host, names or {source.profile for source in using.values()}):
        tell(finding)
    command = Command(argv)
    while True:
        host.progress.rest()
        ended = command.run(_environ(host, using))
        if ended.code == 0 or ended.signal or ended.stopped:
            return ended
        moved = _next(host, chains, using, used, timeout, tell)
        if not moved:
            return ended
        if not command.rewound():
            what = "Its standard input is a pipe, which can't be read a second time, so it is not run again."
            tell(Finding("input-spent", what, "give it its input as a file"))
            return ended
        using = {**using, **moved}
        used |= {source.key for source in moved.values()}


def _asks(argv: Sequence[str]) -> str | None:
    """The one tool that downloads in this command, where its name says so: pip3.12, python -m pip, uv."""
    words = list(argv[2:3]) if argv[1:2] == ["-m"] else list(argv[:1])
    name = re.sub(r"(?<=[a-z])[\d.]*(\.exe)?$", "", PurePath(words[0]).name) if words else ""
    return name if name in writers.names() and writers.writer(name).TOOL.alone else None


def _chains(
    host: Host, names: Sequence[str], only: Sequence[str], asks: str | None, variables: Mapping[str, str]
) -> dict[str, Choices]:
    """The candidates of every tool that is meant. Raises UsageError where there is no chain."""
    steerable = [tool for tool in writers.names() if writers.writer(tool).environment({})]
    for tool in map(writers.known, only):
        if tool not in steerable:
            raise UsageError(
                "no-variables", sentence("{tool} can't be told of a mirror by variables.", tool=tool)
            )
    here = (tool for tool in steerable if layers_of(host, tool).present)
    meant = only or ([asks] if asks else None) or list(here)
    ours = {} if names else set_here(host, host.store.head())
    loaded: dict[str, Profile] = {}
    chains = {}
    for tool in meant or steerable:
        used = ours.get(tool)
        chosen = names or (suggested(host, used.profile) if used else ())
        for name in chosen:
            loaded.setdefault(name, _loaded(host, name, variables))
        chains[tool] = [*_choices(host, tool, [loaded[name] for name in dict.fromkeys(chosen)])]
    if not loaded:
        what = "It isn't said which profiles to try, and none is in use."
        raise UsageError("no-chain", what, hint="--chain tsinghua,nju,official")
    said = {variable for profile in loaded.values() for variable in profile.variables}
    if unknown := [variable for variable in variables if variable not in said]:
        what = sentence("No profile of the chain has a variable {name}.", name=unknown[0])
        raise UsageError("unknown-variable", what)
    return {tool: chain for tool, chain in chains.items() if chain or only or asks}


def _loaded(host: Host, name: str, variables: Mapping[str, str]) -> Profile:
    """A profile of the chain, with the variables that are its own."""
    known = host.profiles.template(name).variables
    return host.profiles.load(name, {key: value for key, value in variables.items() if key in known})


def _choices(host: Host, tool: str, profiles: Iterable[Profile]) -> Iterable[Choice]:
    for profile in profiles:
        settings = wanted(host, profile, tool)
        probes = asking.of_settings(host, tool, settings, profile.name) if settings else []
        if settings is not None and probes:
            yield Choice(tool, profile.name, settings, tuple(probes))


def _first(
    host: Host, chains: Mapping[str, Choices], only: Sequence[str], timeout: float
) -> tuple[dict[str, Choice], list[Said]]:
    """The first source that works, for each tool, and what there is to say of that.

    Raises NotInEffectError where that leaves too little.
    """
    failures, untold = _looked(host, [source for chain in chains.values() for source in chain], timeout)
    using: dict[str, Choice] = {}
    said: list[Said] = []
    for tool, chain in chains.items():
        works = next((source for source in chain if source.key not in failures), None)
        if works is not None:
            using[tool] = works._replace(proven=works.key not in untold)
        bad = failures.get(chain[0].key) if chain else None
        if works is not None and bad is not None:
            said.append(Said("passed-over", tool, chain[0].profile, bad.code, works.profile))
        elif bad is not None and not only and len(chains) > 1:
            said.append(Said("no-source", tool, "", bad.code))
    if not using or (only and len(using) < len(chains)):
        raise _nothing(chains, using, failures)
    return using, said


def _next(
    host: Host,
    chains: Mapping[str, Choices],
    using: Mapping[str, Choice],
    used: set[tuple[str, str]],
    timeout: float,
    tell: Tell,
) -> dict[str, Choice]:
    """What to use instead of sources that are broken by now; a fault of this machine's is none of theirs."""
    from mirrorcfg.verifier import CODES, Kind

    rest = [source for tool in using for source in chains[tool] if source.key not in used]
    failures, untold = _looked(host, [*using.values(), *rest], timeout)
    lost = [each.key for each in using.values() if each.proven and each.key in untold]
    failures = {**{key: untold[key] for key in lost}, **failures}
    moved: dict[str, Choice] = {}
    said: list[Said] = []
    for tool, source in using.items():
        bad = failures.get(source.key)
        if bad is None or CODES[bad.code].kind is Kind.OURS:
            continue
        other = next((each for each in rest if each.tool == tool and each.key not in failures), None)
        if other is None:
            said.append(Said("no-other", tool, source.profile, bad.code))
        else:
            said.append(Said("run-again", tool, source.profile, bad.code, other.profile))
            moved[tool] = other
    _tell(said, tell)
    return moved


def _tell(said: Sequence[Said], tell: Tell) -> None:
    """What is said of several tools is said once."""
    alike: dict[Said, list[str]] = {}
    for each in said:
        alike.setdefault(each._replace(tool=""), []).append(each.tool)
    for one, tools in alike.items():
        tell(Finding(one.code, one.of(both(tools)), None, tools[0]))


_Verdicts = dict[tuple[str, str], Verdict]


def _looked(host: Host, sources: Sequence[Choice], timeout: float) -> tuple[_Verdicts, _Verdicts]:
    """Ask all of them at once: what is wrong with those that fail, and those of which nothing can be told."""
    from mirrorcfg.verifier import CODES, Kind

    probes = [probe for source in sources for probe in source.probes]
    verdicts = iter(verify.ask(probes, verify.Depth(timeout=timeout), host.progress))
    each = [(source.key, list(islice(verdicts, len(source.probes)))) for source in sources]
    found = [(key, verdict) for key, mine in each for verdict in lists.counted(mine)]
    untold = {key: verdict for key, verdict in found if CODES[verdict.code].kind is Kind.UNTRIED}
    return {key: verdict for key, verdict in reversed(found) if not verdict.ok}, untold


def _nothing(
    chains: Mapping[str, Choices],
    using: Mapping[str, Choice],
    failures: Mapping[tuple[str, str], Verdict],
) -> NotInEffectError:
    tool = next((tool for tool in chains if tool not in using), "")
    tried = [(source.profile, failures[source.key]) for source in chains.get(tool, ())]
    if not tried:
        what = sentence(
            "No profile of the chain has a source for {tool}. The command was not started.",
            tool=tool or sentence("any tool that is here"),
        )
        return NotInEffectError("no-source", what, hint="mirrorcfg ls")
    said = ", ".join(f"{profile} ({verdict.code})" for profile, verdict in tried)
    what = sentence("No source works for {tool}: {said}. The command was not started.", tool=tool, said=said)
    hint = pasted("verify", *(profile for profile, _ in tried), "--tool", tool)
    return NotInEffectError(tried[0][1].code, what, hint=hint)


def _environ(host: Host, using: Mapping[str, Choice]) -> dict[str, str]:
    environ = dict(host.environ)
    for tool, source in using.items():
        environ = steered(environ, writers.writer(tool).environment(source.settings))
    return environ
