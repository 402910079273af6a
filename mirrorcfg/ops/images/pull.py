"""`pull`: an image from the first of its names that serves it, by the engine that is here.

Where no registry serves it, it is loaded from an archive on this machine's disk that names it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mirrorcfg import writers
from mirrorcfg.errors import MirrorcfgError, NotInEffectError, ProgramError, UsageError
from mirrorcfg.host import Host
from mirrorcfg.model.progress import SILENT, Progress
from mirrorcfg.model.reference import Reference, parse
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.ops.images.image import Image, image, offered
from mirrorcfg.programs.environment import kept
from mirrorcfg.programs.run import Order, run
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import either, pasted

_PATIENCE = 24 * 3600.0  # seconds: an image may be large and the way slow; there is no end but the user's

# What tells any program where to go and how: a session, proxies, certificates.
_COMMON = (
    "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "TMPDIR", "SSH_AUTH_SOCK", "TERM", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
)  # fmt: skip


class Engine(NamedTuple):
    """A tool's program that pulls, with the variables that tell it where; what it says goes to stderr."""

    tool: str
    program: str
    environ: Mapping[str, str]
    progress: Progress = SILENT

    def does(self, *argv: str) -> bool:
        """Run it; did it succeed? Raises ProgramError where it isn't run at all."""
        self.progress.rest()
        return (
            run(Order((self.program, *argv), environ=self.environ, seconds=_PATIENCE, shown=True)).code == 0
        )

    def digests(self, name: str) -> frozenset[str] | None:
        """Every digest that the local image `name` is known by, None where there is no such image."""
        argv = (self.program, "image", "inspect", "--format", "{{json .RepoDigests}}", name)
        done = run(Order(argv, environ=self.environ))
        if done.code:
            return None
        try:
            return frozenset(str(each).rpartition("@")[2] for each in json.loads(done.out) or ())
        except (ValueError, TypeError, RecursionError):
            what = sentence(
                "{program} says nothing that is known of {name}.", program=self.program, name=name
            )
            raise ProgramError("bad-answer", what) from None


class Pulled(NamedTuple):
    """An image that is here: the name that served it, or the archive; and its digest, if it is known."""

    reference: str
    image: str
    candidates: Sequence[str]
    digest: str | None = None


def pull(
    host: Host,
    text: str,
    profile: str | None = None,
    variables: Mapping[str, str] | None = None,
    engine: str | None = None,
) -> Result[Pulled]:
    """Try the names of `text` in order; the image that comes is called by its own name in the end.

    A mirror's image is refused where its digest isn't that of `text`, or of the image that is here by that
    name. An archive comes last, and only where no digest is asked for, as it couldn't show it, and no image
    by that name is here. Raises NotInEffectError if a refused one was all there was, MirrorcfgError if no
    name could be pulled.
    """
    reference = parse(text)
    client = _engine(host, engine)
    host.progress.doing(sentence("Looking for a mirror of {reference}", reference=reference))
    plan = image(host, text, profile, variables, client.tool)
    known = frozenset({reference.digest}) if reference.digest else client.digests(_own(reference))
    findings = list(plan.findings)
    for name in plan.data.candidates[:-1]:
        if (refused := _from_mirror(client, parse(name), reference, known)) is None:
            return _result(client, reference, plan, name, findings)
        findings.append(refused)
    if client.does("pull", _own(reference)):
        return _result(client, reference, plan, _own(reference), findings)
    if reference.digest is None and client.digests(_own(reference)) is None:
        for file in _archives(host, reference, profile, variables):
            if client.does("load", "--quiet", "--input", str(file)):
                return Result("pull", Pulled(text, str(file), plan.data.candidates), findings=findings)
            what = sentence("{path} could not be loaded.", path=file)
            findings.append(Finding("not-loaded", what, path=str(file)))
    raise _failure(text, client, findings)


def _archives(
    host: Host, reference: Reference, profile: str | None, variables: Mapping[str, str] | None
) -> Iterator[Path]:
    """The archives that have the image, whole as far as can be told."""
    from mirrorcfg.verifier import archive, local

    wanted = _own(reference)
    for said in offered(host, profile, variables):
        folders = said.settings.get("archives")
        for folder in folders if isinstance(folders, tuple) else ():
            with suppress(OSError):  # one that can't be read has no image for this user
                for file in archive.archives((local.path_of(folder) or Path(folder)).absolute()):
                    if any(_called(name) == wanted for name in archive.names(file)) and archive.whole(file):
                        yield file


def _called(name: str) -> str | None:
    """An archive's name for an image, in full."""
    try:
        return _own(parse(name))
    except UsageError:
        return None


def _from_mirror(
    client: Engine, name: Reference, reference: Reference, known: frozenset[str] | None
) -> Finding | None:
    """Pull `name` and call it `reference`; or why that was not to be.

    The mirror's name stays beside the image's own: by it the digest is known the next time.
    """
    source, was_here = _own(name), client.digests(_own(name)) is not None
    if not client.does("pull", source):
        return Finding("not-pulled", sentence("{image} could not be pulled.", image=source))
    found = client.digests(source) or frozenset()
    if known and not known & found:
        if not was_here:
            client.does("rmi", source)
        what = sentence(
            "{image} is another image ({digests}) than the one that is known.",
            image=source,
            digests=", ".join(sorted(found)),
        )
        return Finding("digest-differs", what, "if the new one is meant, remove the image that is here first")
    if reference.digest and not reference.tag:
        return None
    target = str(reference._replace(tag=reference.tag or "latest", digest=None))
    if client.does("tag", source, target):
        return None
    return Finding("not-pulled", sentence("{image} got no name.", image=source))


def _own(reference: Reference) -> str:
    """In full, so that podman asks no one which registry is meant; a digest makes the tag needless."""
    if reference.digest:
        return str(reference._replace(tag=None))
    return str(reference._replace(tag=reference.tag or "latest"))


def engines() -> Mapping[str, str]:
    """The tools that pull images, and the program that does."""
    known = {tool: writers.writer(tool).TOOL for tool in writers.names()}
    return {tool: it.programs[0] for tool, it in known.items() if it.engine}


def _engine(host: Host, wanted: str | None) -> Engine:
    known = engines()
    if wanted is not None and wanted not in known:
        what = sentence("{engine} pulls no images.", engine=wanted)
        raise UsageError("unknown-engine", what, hint=either(known))
    # One may stand in for another, as podman's `docker` does: each is told what any of them wants to know.
    own = [name for tool in known for name in writers.writer(tool).TOOL.engine]
    for tool in (wanted,) if wanted else known:
        if found := host.machine.which(known[tool]):
            return Engine(tool, str(found), kept((*own, *_COMMON), host.environ), host.progress)
    what = sentence("None of {engines} is installed here.", engines=", ".join(known))
    if wanted:
        what = sentence("{engine} is not installed here.", engine=wanted)
    raise MirrorcfgError("no-engine", what)


def _result(
    client: Engine, reference: Reference, plan: Result[Image], name: str, findings: list[Finding]
) -> Result[Pulled]:
    if reference.digest and not reference.tag and name != _own(reference):
        what = sentence(
            "Without a tag it can't be called {name} here; it is called {own}.",
            name=reference.name,
            own=_own(parse(name)),
        )
        findings.append(Finding("no-tag", what, "NAME:TAG@DIGEST gives it its own name"))
    digests = client.digests(_own(parse(name))) or client.digests(_own(reference)) or frozenset()
    digest = reference.digest or min(digests, default=None)
    data = Pulled(plan.data.reference, name, plan.data.candidates, digest)
    return Result("pull", data, findings=findings)


def _failure(text: str, client: Engine, findings: list[Finding]) -> MirrorcfgError:
    refused = next((finding for finding in findings if finding.code == "digest-differs"), None)
    if refused is not None:
        return NotInEffectError(refused.code, refused.message, hint=refused.hint)
    return MirrorcfgError(
        "not-pulled",
        sentence("{program} could pull {image} from nowhere.", program=client.program, image=text),
        hint=pasted("image", "--candidates", text),
    )
