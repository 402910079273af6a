"""The story, step by step: each is told, done with the real program, and held against what was told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from typing import NamedTuple

from mirrorcfg.demo import certificates, content
from mirrorcfg.demo.certificates import Certificates
from mirrorcfg.demo.servers import Server
from mirrorcfg.demo.stage import Stage, stage
from mirrorcfg.errors import Exit
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.sentence import Sentence, sentence

_HOLD = 2  # seconds that the first mirror has to work before it is taken again; outside of a demo, 600
_CONFIG = f"""\
chain = ["first", "second"]
hold = {_HOLD}
"""
_PROFILE = """\
schema = 1
name = "{name}"
title = {{ en = "The {name} mirror of the demo" }}

[tls]
ca-file = "{ca}"

[pip]
index-url = "{mirror}/pypi/simple"

[conda]
default-channels = ["{mirror}/anaconda/pkgs/main"]
custom-channels = {{ conda-forge = "{mirror}/anaconda/cloud" }}

[docker]
registry-mirrors = ["{registry}"]
"""


class Step(NamedTuple):
    """What was told, the command that was run and what it printed, and whether it went as told."""

    told: str
    command: str | None = None
    exit_code: int = 0
    output: str = ""
    ok: bool = True


class Story(NamedTuple):
    """The steps that were taken."""

    steps: Sequence[Step]


Tell = Callable[[Step], None]


def demo(tell: Tell, *, colour: bool, language: str = "en") -> Result[Story]:
    """Play the story in a folder that is gone in the end, and `tell` each step once it is done.

    The program is to answer in that language.
    It ends at the first step that doesn't go as told. Raises MirrorcfgError where it can't begin.
    """
    steps: list[Step] = []
    with stage(colour=colour, language=language) as place, ExitStack() as servers:
        for step in _Story(place, servers).steps():
            steps.append(step)
            tell(step)
            if not step.ok:
                break
    if steps[-1].ok:
        return Result("demo", Story(steps))
    what = sentence("The step {number} did not go as told; the demo ends here.", number=len(steps))
    finding = Finding("demo-failed", what)
    return Result("demo", Story(steps), "failed", Exit.FAILED, [finding])


class _Story:
    def __init__(self, stage: Stage, servers: ExitStack) -> None:
        self._stage = stage
        self._tools = " ".join(f"--tool {tool}" for tool in stage.files)
        trust = certificates.make(stage.folder / "tls")
        sites = (content.mirror("first"), content.mirror("second"), content.registry())
        self._first, self._second, self._registry = (Server(site, trust) for site in sites)
        for server in (self._first, self._second, self._registry):
            server.start()
            servers.callback(server.stop)
        self._configure(trust)
        self._before = stage.hashes()

    def _configure(self, trust: Certificates) -> None:
        folder = self._stage.home / ".config/mirrorcfg"
        (folder / "profiles").mkdir(parents=True)
        (folder / "config.toml").write_text(_CONFIG)
        for name, mirror in (("first", self._first), ("second", self._second)):
            addresses = {"mirror": mirror.url, "registry": self._registry.url, "ca": trust.authority}
            (folder / "profiles" / f"{name}.toml").write_text(_PROFILE.format(name=name, **addresses))

    def steps(self) -> Iterator[Step]:
        yield from self._switch()
        yield from self._outage()
        yield from self._way_back()

    def _switch(self) -> Iterator[Step]:
        yield self._run(
            "A throwaway home, with files that people have written into for years.",
            "cat ~/.config/pip/pip.conf ~/.condarc",
        )
        yield self._run(
            "Two mirrors run on this machine, and a registry. Each mirror has a profile.",
            "mirrorcfg profile show first",
        )
        yield self._run("Where to go when one is down.", "cat ~/.config/mirrorcfg/config.toml")
        yield self._run(
            "Do the mirrors work, as the tools would ask them?",
            f"mirrorcfg verify first second {self._tools}",
        )
        yield self._run("What would a switch change?", f"mirrorcfg diff first {self._tools}")
        yield self._run(
            "All files change together, or none.", f"mirrorcfg use first {self._tools} --yes", self._first
        )
        yield self._run("What each tool uses now, and which file says so.", f"mirrorcfg status {self._tools}")
        yield self._pip("first")

    def _outage(self) -> Iterator[Step]:
        self._first.stop()
        yield self._run("The first mirror dies, the registry doesn't.", "mirrorcfg failover", self._second)
        yield self._pip("second")
        self._first.start()
        yield self._run("It is back, and has to work for a while first.", "mirrorcfg failover", self._second)
        time.sleep(_HOLD)
        told = sentence("It has worked for {seconds} seconds: enough here.", seconds=_HOLD)
        yield self._run(told, "mirrorcfg failover", self._first)

    def _way_back(self) -> Iterator[Step]:
        yield self._run("Every change was recorded.", "mirrorcfg history")
        yield self._run("Back to how it was before mirrorcfg first ran.", "mirrorcfg restore 0 --yes")
        after = self._stage.hashes()
        rows: list[str] = []
        facts: dict[str, object] = {}
        for at, path in enumerate(self._stage.files.values()):
            same = after.get(path) == self._before[path]
            facts |= {
                f"hash{at}": after.get(path),
                f"now{at}": sentence("as it was") if same else sentence("DIFFERS"),
                f"path{at}": self._stage.shown(path),
            }
            rows.append(f"{{hash{at}}}  {{now{at}}}  {{path{at}}}")
        told = "Every byte is back (SHA-256), and no file more is there."
        yield Step(told, output=Sentence("\n".join(rows), facts), ok=after == self._before)

    def _run(self, told: str, command: str, uses: Server | None = None) -> Step:
        """A command that must end well, and leave pip and conda with that mirror."""
        code, output = self._stage.run(command)
        texts = [self._stage.files[tool].read_text() for tool in ("pip", "conda")]
        right = uses is None or all(uses.url in text for text in texts)
        return Step(told, command, code, output, code == 0 and right)

    def _pip(self, mirror: str) -> Step:
        """A real pip downloads and installs, into a folder of its own."""
        if find_spec("pip") is None:
            return Step("pip itself is not here; where it is, it now installs from that mirror.")
        command = f"pip install --target from-{mirror} {content.PROJECT}"
        code, output = self._stage.run(command)
        module = self._stage.folder / f"from-{mirror}" / f"{content.MODULE}.py"
        right = code == 0 and mirror in module.read_text()
        told = sentence("A real pip installs from the {name} mirror.", name=mirror)
        return Step(told, command, code, output, right)
