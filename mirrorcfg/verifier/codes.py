"""What can be wrong with a source: one table of codes, each with its sentence and its hint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from mirrorcfg.redact import redact
from mirrorcfg.sentence import Sentence
from mirrorcfg.wording import visible


class Kind(StrEnum):
    """What a code means to someone who has to choose another source."""

    OK = "ok"
    HARD = "hard"  # the source is wrong; asking again won't help
    SOFT = "soft"  # the source is in trouble; it may work again later
    OURS = "ours"  # this machine or its network is in the way, whatever the source
    UNTRIED = "untried"  # nothing can be told of the source: it is kept, and not taken for one that works
    NOTE = "note"  # worth knowing; the source works


@dataclass(frozen=True)
class Code:
    """A kind, and the templates of a sentence and a hint: names in braces are facts of the case."""

    kind: Kind
    sentence: str
    hint: str | None = None


_OTHER = "use another profile; `mirrorcfg ls` shows them"
_WAIT = "try again later, or use another profile; `mirrorcfg ls` shows them"
_ADDRESS = "compare the address with the mirror's own help page"
_ASK = "tell the mirror's maintainers, and use another profile meanwhile"
_CA = (
    "if that CA is your organization's own, name its file as ca-file under [tls] of the profile;"
    " system-store = true there has {tool} trust what this machine does"
)
_LOGIN = "docker login {host} (or podman login {host}) with an account that may pull from it"
_PROXY = "look at HTTPS_PROXY, ALL_PROXY and NO_PROXY; NO_PROXY={host} goes past the proxy"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        "ok": Code(Kind.OK, "{host} serves {tool}."),
        "dns-failure": Code(
            Kind.HARD, "The name {host} can't be resolved ({detail}).", "check its spelling, and your DNS"
        ),
        "dns-timeout": Code(Kind.SOFT, "No name server could say in time where {host} is.", "check your DNS"),
        "connect-refused": Code(Kind.SOFT, "{host} refuses connections on port {port}.", _WAIT),
        "connect-timeout": Code(
            Kind.SOFT, "{host} didn't accept a connection on port {port} within {seconds} s.", _WAIT
        ),
        "connect-reset": Code(Kind.SOFT, "{host} dropped the connection before it answered.", _WAIT),
        "unreachable": Code(
            Kind.SOFT, "There is no way to {host} from here ({detail}).", "check your network"
        ),
        "read-timeout": Code(
            Kind.SOFT, "{host} is connected and sends next to nothing for {seconds} s.", _WAIT
        ),
        "tls-timeout": Code(Kind.SOFT, "{host} accepts connections but doesn't finish TLS in time.", _WAIT),
        "deadline": Code(Kind.SOFT, "{host} had not sent all of its answer when time ran out.", _WAIT),
        "not-asked": Code(
            Kind.OURS, "{host} was not asked: time ran out first.", "give more time with --timeout"
        ),
        "tls-expired": Code(Kind.HARD, "The certificate of {host} has expired{when}.", _ASK),
        "tls-not-yet-valid": Code(Kind.HARD, "The certificate of {host} isn't valid yet{when}.", _ASK),
        "tls-hostname": Code(
            Kind.HARD, "The certificate that answers for {host} is for another host{names}.", _ADDRESS
        ),
        "tls-untrusted-ca": Code(
            Kind.HARD, "The certificate of {host} is signed by {issuer}, which {tool} doesn't trust.", _CA
        ),
        "tls-protocol-too-old": Code(Kind.HARD, "{host} only speaks versions of TLS that aren't safe.", _ASK),
        "tls-failure": Code(Kind.HARD, "TLS with {host} failed: {detail}.", _ADDRESS),
        "ca-file-unreadable": Code(
            Kind.OURS, "The CA file {path} can't be used: {detail}.", "name a file of PEM certificates"
        ),
        "client-key-missing": Code(
            Kind.HARD,
            "{tool} asks {host} for nothing: beside {path} there is no {missing}.",
            "the certificate of a CA has to end in .crt there",
        ),
        "clock-skew": Code(
            Kind.OURS,
            "Your clock is {skew}, so certificates look wrong here.",
            "set the clock: timedatectl set-ntp true",
        ),
        "proxy-refused": Code(
            Kind.OURS, "The proxy {proxy} refuses to connect to {host} ({detail}).", _PROXY
        ),
        "proxy-unreachable": Code(Kind.OURS, "The proxy {proxy} can't be reached ({detail}).", _PROXY),
        "proxy-auth-required": Code(
            Kind.OURS, "The proxy {proxy} asks for a user and a password.", "put them into HTTPS_PROXY"
        ),
        "proxy-failed": Code(Kind.SOFT, "The proxy {proxy} could not reach {host} ({detail}).", _PROXY),
        "http-401": Code(
            Kind.HARD,
            "{host} asks for credentials (HTTP 401).",
            "put them where {tool} looks for them: netrc, or the tool's own credential store",
        ),
        "http-403": Code(Kind.HARD, "{host} refuses {url} (HTTP 403).", _OTHER),
        "http-403-client-blocked": Code(
            Kind.HARD, "{host} answers 403 to {tool} and lets other programs in: it blocks {tool}.", _OTHER
        ),
        "client-blocked": Code(
            Kind.HARD,
            "{host} answers {status} to {agent} and lets other programs in: it blocks {agent}.",
            _OTHER,
        ),
        "http-404": Code(Kind.HARD, "{url} doesn't exist (HTTP 404).", _ADDRESS),
        "http-429": Code(Kind.SOFT, "{host} says that too much is asked of it (HTTP 429).", _WAIT),
        "http-4xx": Code(Kind.HARD, "{host} refuses {url} (HTTP {status}).", _ADDRESS),
        "http-5xx": Code(Kind.SOFT, "{host} is in trouble (HTTP {status}).", _WAIT),
        "redirects-to": Code(Kind.HARD, "{origin} sends its clients on to {host}: {detail}", _OTHER),
        "redirect-loop": Code(Kind.HARD, "{host} redirects in a circle, or too often.", _ASK),
        "redirect-insecure": Code(Kind.HARD, "{origin} sends its clients to {url}, without TLS.", _ASK),
        "not-https": Code(Kind.HARD, "{url} isn't https, so it can't be trusted.", "use its https address"),
        "captive-portal": Code(
            Kind.OURS,
            "A login page answers in place of {host}.",
            "log in to the network with a browser first",
        ),
        "not-an-index": Code(Kind.HARD, "{url} isn't a package index: {detail}.", _ADDRESS),
        "not-a-channel": Code(Kind.HARD, "{url} isn't a conda channel: {detail}.", _ADDRESS),
        "not-a-registry": Code(Kind.HARD, "{url} isn't a container registry: {detail}.", _ADDRESS),
        "subdir-missing": Code(Kind.HARD, "The channel {url} has nothing for {subdir}.", _OTHER),
        "shards-broken": Code(
            Kind.HARD,
            "{url} isn't a list of shards, and {tool} stops at it.",
            "conda config --set repodata_use_shards false goes past it; tell the mirror's maintainers",
        ),
        "file-host-blocked": Code(
            Kind.HARD, "The index works, but {host} doesn't hand out its files ({detail}).", _OTHER
        ),
        "cant-tell": Code(
            Kind.UNTRIED,
            "{host} has neither six nor pip nor a list of projects: an index of your own, or none.",
            'name a project that it has in the profile: probe = "acme-lib" under [{tool}]',
        ),
        "probe-missing": Code(
            Kind.HARD,
            "{host} hasn't {project}, by which the profile has it judged ({detail}).",
            "compare the address with the index's own page, or name a project that it has as probe",
        ),
        "page-refused": Code(
            Kind.HARD, "{host} lists files in a way that {tool} doesn't read: {detail}.", _ASK
        ),
        "times-missing": Code(
            Kind.HARD,
            "{host} doesn't say when files were uploaded, so with {option} {tool} takes none of them.",
            "use an index that says it (PEP 700), or take {option} out of what {tool} reads",
        ),
        "metadata-missing": Code(
            Kind.HARD, "{url} is promised by the index but isn't there ({detail}).", _ASK
        ),
        "metadata-wrong": Code(Kind.HARD, "{url} isn't what the index promises ({detail}).", _ASK),
        "file-missing": Code(Kind.HARD, "{url} is listed but isn't there ({detail}).", _ASK),
        "package-missing": Code(Kind.HARD, "{url} is in repodata but isn't there ({detail}).", _ASK),
        "asset-missing": Code(
            Kind.HARD,
            "{url} isn't there ({detail}), and {tool} would take it from there.",
            "a mirror may keep the latest files only: {tool} itself has to be as new, or another mirror",
        ),
        "hash-mismatch": Code(Kind.HARD, "{url} isn't the file that is listed ({detail}).", _ASK),
        "image-not-carried": Code(
            Kind.HARD,
            "{host} carries none of the images that were asked for ({images}): {tool} passes over it.",
            "compare the address with the mirror's own help page: a Harbor has images below a project; of a"
            ' mirror that has only some name one in the profile: probe = "library/acme:1" under [{tool}]',
        ),
        "platform-missing": Code(
            Kind.HARD, "{host} has {image} for other platforms than {platform}.", _OTHER
        ),
        "blob-missing": Code(
            Kind.HARD, "{url} is a part of an image that is listed but isn't there ({detail}).", _ASK
        ),
        "blob-refused": Code(
            Kind.HARD,
            "The registry works, but {host} doesn't hand out the parts of its images ({detail}).",
            _OTHER,
        ),
        "tag-unresolved": Code(
            Kind.UNTRIED,
            "{tool} has {registry} say what a tag means, and not {host}; nothing is pulled by tag while that"
            " can't be asked ({detail}).",
            "if the mirror is your own: resolve = true under [{tool}] of the profile lets it say that",
        ),
        "no-image-named": Code(
            Kind.UNTRIED,
            "{host} mirrors {registry}, and no image that it has is known.",
            "name one with probe in the profile; or for once: mirrorcfg verify --image {registry}/acme/app:1",
        ),
        "token-refused": Code(
            Kind.HARD, "The token service of the registry at {host} gives no token (HTTP {detail}).", _LOGIN
        ),
        "token-service-failed": Code(
            Kind.SOFT, "The token service of the registry at {host} doesn't work: {detail}.", _WAIT
        ),
        "stale": Code(Kind.SOFT, "{host} is {days} days behind {other}.", _WAIT),
        "too-large": Code(Kind.HARD, "{url} is larger than any sound answer.", _ADDRESS),
        "malformed": Code(Kind.HARD, "{host} sends what can't be understood: {detail}.", _ADDRESS),
        "no-images": Code(Kind.HARD, "{url} holds no images: {detail}.", "fill it with `docker save -o`"),
        "path-missing": Code(Kind.HARD, "There is no {url} here.", "check the path, and that it is mounted"),
        "path-unreadable": Code(Kind.OURS, "{url} can't be read by this user.", "check its permissions"),
        "internal-error": Code(Kind.OURS, "The check of {host} broke: {detail}.", "please report this"),
        "nothing-to-fetch": Code(Kind.NOTE, "{host} lists no file that could be fetched to try it."),
        "only-zstd": Code(
            Kind.NOTE,
            "{host} lists packages only in zstd, which this Python can't unpack; those were not tried.",
            "use mirrorcfg from PyPI, or Python 3.14",
        ),
        "subdir-not-carried": Code(
            Kind.NOTE,
            "The channel {url} has nothing for this machine's platform: {tool} goes on with noarch.",
        ),
        "zst-broken": Code(
            Kind.NOTE, "{url} has no zstd in its repodata.json.zst: {tool} goes on to repodata.json."
        ),
    }
)


class Failure(Exception):  # noqa: N818 - it is a finding, not an error of the program
    """A source is not good: the code, and the facts that its sentence names."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def about(self, **facts: object) -> Failure:
        """The same failure with facts that whoever raised it didn't know."""
        self.facts = {**facts, **self.facts}
        return self


def message(code: str, facts: Mapping[str, object]) -> str:
    """The code's sentence with these facts in it, without any credential."""
    return _filled(CODES[code].sentence, facts)


def hint(code: str, facts: Mapping[str, object]) -> str | None:
    """The code's hint with these facts in it, if it has one."""
    template = CODES[code].hint
    return None if template is None else _filled(template, facts)


def _filled(template: str, facts: Mapping[str, object]) -> str:
    """A server's words can't fill the screen, hide, or begin a line; what nobody knew is left blank."""
    names = re.findall(r"\{(\w+)", template)
    return Sentence(template, {name: _plain(facts.get(name, "")) for name in names})


def _plain(value: object) -> str:
    if isinstance(value, Sentence):
        return value.of(_plain)
    return visible(redact(str(value)))[:300]
