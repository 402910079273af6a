"""`script`: what onboards a machine that has no mirrorcfg, in the language that it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import NamedTuple
from urllib.parse import urlsplit

from mirrorcfg import __version__, scripts, writers
from mirrorcfg.errors import CannotSayError, FormatError, MirrorcfgError, NotInEffectError, UsageError
from mirrorcfg.formats import pem
from mirrorcfg.host import Host, tools
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.model.profile import Profile
from mirrorcfg.model.result import Finding, Result
from mirrorcfg.model.settings import Offer, Settings
from mirrorcfg.ops.shelf import provenance
from mirrorcfg.ops.switch.planning import Request
from mirrorcfg.profiles.compose import whole
from mirrorcfg.redact import redact
from mirrorcfg.scripts import Bootstrap, File, Standalone
from mirrorcfg.sentence import sentence

_LARGEST = 1 << 20
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_HASH = re.compile("sha256:[0-9a-f]{64}")


class _Served(NamedTuple):
    """One tool that is meant, the profile that serves it, and what it offers."""

    tool: str
    profile: Profile
    offer: Offer

    @property
    def settings(self) -> Settings:
        return tools.settings(self.profile, self.tool, self.offer)


class Script(NamedTuple):
    """A script, and what it was made of: `tools` are profiles by tool."""

    format: str
    style: str
    profile: str
    tools: Mapping[str, str]
    text: str


def script(
    host: Host, request: Request, form: str, style: str | None = None, hashes: Sequence[str] = ()
) -> Result[Script]:
    """The text that onboards with a profile; nothing is written, and no source is asked.

    Without a `style` it is the format's first one. `hashes` are those of mirrorcfg's wheel, for a bootstrap.
    Raises UsageError, ProfileError, and MirrorcfgError where the script would do nothing, or hold a secret.
    """
    language = scripts.format_named(form)
    style = _style(form, language, style)
    request = request._replace(scope=request.scope or language.SCOPE)
    main = host.profiles.load(request.profile, request.variables)
    served, findings = _served(host, request, main)
    if not served:
        what = sentence("{profile} has a source for none of the tools.", profile=request.profile)
        raise NotInEffectError("nothing-to-write", what, hint="mirrorcfg ls")
    command = _command(host, request, main, form, style, hashes)
    if style == "standalone":
        if hashes or request.scope == "venv":
            what = "--hash and --scope venv are for a script that fetches mirrorcfg."
            raise UsageError("bad-option", what, hint="--style bootstrap")
        files, more = _files(request, served, language.PLATFORM)
        text = language.standalone(Standalone(main.name, request.scope, command, files))
    else:
        order, more = _bootstrap(host, request, main, served, command, hashes)
        text = language.bootstrap(order)
    if redact(text) != text:
        raise MirrorcfgError(
            "looks-like-a-secret",
            "Something in this profile looks like a credential, and a script names addresses only.",
            path=main.origin,
            hint="leave it out of the profile; netrc or the tool's own credential store holds it",
        )
    findings += provenance.amiss(host, request.profiles)
    data = Script(form, style, main.name, {each.tool: each.profile.name for each in served}, text)
    return Result("script", data, findings=[*findings, *more])


def _style(form: str, language: scripts.Format, style: str | None) -> str:
    style = style or language.STYLES[0]
    if style not in language.STYLES:
        what = sentence(
            "{format} has no {style} script: mirrorcfg itself doesn't write there.", format=form, style=style
        )
        raise UsageError("no-such-style", what, hint=f"--style {language.STYLES[0]}")
    return style


def _served(host: Host, request: Request, main: Profile) -> tuple[list[_Served], list[Finding]]:
    """The tools that are meant and can be served; raises for one that was asked for by name and can't."""
    for tool in request.named:
        writers.known(tool)
    others = {tool: host.profiles.load(name, request.variables) for tool, name in request.overrides.items()}
    served, findings = [], []
    for tool in request.named if request.tools else dict.fromkeys([*request.named, *writers.names()]):
        profile = others.get(tool, main)
        offer = tools.offer(profile, tool)
        if offer is not None and offer.unavailable is None:
            served.append(_Served(tool, profile, offer))
        elif offer is not None or tool in request.named:
            what = sentence("{name} has no source for {tool}.", name=profile.name, tool=tool)
            if offer is not None:
                why = offer.unavailable
                what = sentence(
                    "{name} has no source for {tool}: {why}", name=profile.name, tool=tool, why=why
                )
            hint = sentence(
                "take another profile for it: --with {tool}=NAME (mirrorcfg ls shows who has it)", tool=tool
            )
            if tool in request.named:
                raise MirrorcfgError("unavailable", what, hint=hint)
            findings.append(Finding("unavailable", what, hint, tool))
    return served, findings


def _files(request: Request, served: Sequence[_Served], platform: str) -> tuple[list[File], list[Finding]]:
    """What a standalone script writes."""
    machine = _target(platform, request.scope)
    files: list[File] = []
    unsaid: list[Finding] = []
    for each in served:
        programs = () if each.tool in request.named else writers.writer(each.tool).TOOL.programs
        try:
            files += _of_tool(each, machine, request.scope, programs)
        except CannotSayError as error:
            if each.tool in request.named:
                raise
            unsaid.append(Finding.of(error, each.tool))
    if not files:
        what = sentence("{name} has nothing to write into a file there.", name=request.profile)
        raise NotInEffectError(
            "nothing-to-write", what, hint="--style bootstrap clears what another profile set"
        )
    certificates, findings = _trust(served)
    named = {path for path in certificates if any(path in file.content for file in files)}
    always = any(not file.programs for file in files)
    programs = () if always else tuple(dict.fromkeys(name for file in files for name in file.programs))
    authorities = [
        File("ca", path, text, programs, lasting=True)
        for path, text in certificates.items()
        if text is not None and path in named
    ]
    return list(dict.fromkeys([*authorities, *files])), [*unsaid, *findings]  # two mirrors may be on one host


def _of_tool(
    each: _Served, machine: Machine, scope: Scope | None, programs: tuple[str, ...]
) -> Iterator[File]:
    """The tool's own file, and a CA for each of its hosts where it has a place for one."""
    writer, settings = writers.writer(each.tool), each.settings
    target = next((layer.path for layer in writer.layers(machine, scope) if layer.target), None)
    content = writer.edit("", settings)
    if target is None or not content:
        return
    yield File(each.tool, str(target), content, programs)
    certificates = _certificates(each.profile) if machine.platform != "win32" else None
    for source in writer.sources(settings) if certificates else ():
        place = writer.ca_file(machine, urlsplit(source.url).netloc, scope)
        if place is not None and certificates is not None:
            yield File(each.tool, str(place), certificates, programs)


def _target(platform: str, scope: Scope | None) -> Machine:
    """A machine of which nothing is known but its kind; what only it can complete stands as a mark."""
    if platform == "win32":
        environ = {"APPDATA": scripts.ROAMING, "PROGRAMDATA": scripts.PROGRAMS}
        return Machine(platform, PureWindowsPath(scripts.HOME), environ=environ)
    environ = {"XDG_CONFIG_HOME": scripts.CONFIG}
    home: PurePath = PurePosixPath(scripts.HOME)
    return Machine(platform, home, environ=environ, root_user=scope == "system")


def _bootstrap(
    host: Host,
    request: Request,
    main: Profile,
    served: Sequence[_Served],
    command: str,
    hashes: Sequence[str],
) -> tuple[Bootstrap, list[Finding]]:
    for each in hashes:
        if not _HASH.fullmatch(each):
            what = sentence("--hash takes sha256: and 64 hexadecimal digits, not {text!r}.", text=each)
            raise UsageError("bad-option", what, hint="pip hash FILE prints it")
    profile = host.profiles.load(request.overrides.get("pip", request.profile), request.variables)
    loaded = {each.profile.name: each.profile for each in served} | {main.name: main}
    certificates, findings = _trust([_Served("pip", profile, Offer())])
    if not hashes:
        what = "The script takes mirrorcfg's wheel by its version alone, as the index hands it out."
        hint = sentence(
            "pip download --no-deps mirrorcfg=={version}; pip hash FILE; then add --hash sha256:…",
            version=__version__,
        )
        findings.append(Finding("not-pinned", what, hint))
    order = Bootstrap(
        main.name,
        request.scope,
        command,
        __version__,
        hashes,
        _sources(profile),
        [main.name, *_options(host, request)],
        {
            name: whole(each)
            for name, each in sorted(loaded.items())
            if request.variables or _is_ones_own(host, each)
        },
        next(iter(certificates.values()), None),
        profile.ca_file,
    )
    return order, findings


def _sources(profile: Profile) -> list[str]:
    """pip's options for the profile's index; further indexes never come in here (dependency confusion)."""
    offer = tools.offer(profile, "pip")
    if offer is not None and offer.default:
        return []
    settings = offer.settings if offer is not None else {}
    index, links = settings.get("index-url"), settings.get("find-links")
    alone = settings.get("no-index") is True and isinstance(links, tuple)
    if alone and isinstance(links, tuple):
        return ["--no-index", *(f"--find-links={link}" for link in links)]
    if not isinstance(index, str):
        what = sentence("{name} names no index to fetch mirrorcfg from.", name=profile.name)
        raise MirrorcfgError(
            "no-index", what, hint="--with pip=NAME takes another profile's; or --style standalone"
        )
    return [f"--index-url={index}"]


def _is_ones_own(host: Host, profile: Profile) -> bool:
    """Does the profile, or one that it extends, not come with mirrorcfg, so that the target lacks it?"""
    if profile.layer != "builtin" or profile.extends is None:
        return profile.layer != "builtin"
    return _is_ones_own(host, host.profiles.template(profile.extends))


def _options(host: Host, request: Request) -> Iterator[str]:
    """Those of `use` and of this command, with names for what may have been a path."""
    for tool, name in request.overrides.items():
        yield f"--with={tool}={host.profiles.load(name, request.variables).name}"
    yield from (f"--tool={tool}" for tool in request.tools)
    if request.scope is not None:
        yield f"--scope={request.scope}"


def _command(
    host: Host, request: Request, main: Profile, form: str, style: str, hashes: Sequence[str]
) -> str:
    options = [f"--format={form}", f"--style={style}", *_options(host, request)]
    return shlex.join(["mirrorcfg", "script", main.name, *options, *(f"--hash={each}" for each in hashes)])


def _trust(served: Sequence[_Served]) -> tuple[Mapping[str, str | None], list[Finding]]:
    """Each profile's certificates by the path where they belong; a finding where they aren't here."""
    found = {each.profile.ca_file: _certificates(each.profile) for each in served if each.profile.ca_file}
    findings = [
        Finding(
            "ca-not-here",
            sentence("{path} is not on this machine; the script takes it to be on the target.", path=path),
            "put the CA there before the script runs",
            path=path,
        )
        for path, text in found.items()
        if text is None
    ]
    return found, findings


def _certificates(profile: Profile) -> str | None:
    """The certificates in a profile's CA file and nothing else of it, None where the file isn't here.

    Raises FormatError, with the file, for one that is no use.
    """
    if profile.ca_file is None:
        return None
    try:
        with Path(profile.ca_file).open("rb") as file:
            text = file.read(_LARGEST).decode("ascii", "replace")
    except OSError:
        return None
    try:
        pem.check(text)
    except FormatError as error:
        raise error.at(profile.ca_file) from None
    return "\n".join(_CERTIFICATE.findall(text.replace("\r\n", "\n"))) + "\n"
