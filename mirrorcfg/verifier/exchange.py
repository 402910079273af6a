"""What passes between us and one source: requests as its client sends them, redirects, one retry, bounds."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import time
from collections.abc import Coroutine, Mapping
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Any

from mirrorcfg.model.verdict import Probe
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier import proxies
from mirrorcfg.verifier.body import collect, drain, unpackers
from mirrorcfg.verifier.codes import Failure, message
from mirrorcfg.verifier.proxy import Proxy
from mirrorcfg.verifier.reply import Reply
from mirrorcfg.verifier.trust import Trust
from mirrorcfg.verifier.url import Url, parse
from mirrorcfg.verifier.wire.budget import Budget
from mirrorcfg.verifier.wire.names import Resolver
from mirrorcfg.verifier.wire.network import Network, Patience, Progress
from mirrorcfg.verifier.wire.route import Route
from mirrorcfg.verifier.wire.session import Answer, Session

_REDIRECTS = 10
_MOVED = {301, 302, 303, 307, 308}
_AGAIN = {502, 503, 504}
_PAUSE = 0.2
_SAID = {401, 404, 407, 410, 416}  # what these say is of what was asked for, not of who asks
_PLAIN = "curl/8.5.0"  # a client that nobody has anything against
_LOGIN = re.compile(r"log-?_?in|sign-?_?in|portal|captive|\bsso\b|authenticat", re.IGNORECASE)
_STAGES = {
    "queue": "not-asked",
    "dns": "dns-timeout",
    "connect": "connect-timeout",
    "tls": "tls-timeout",
    "read": "deadline",
}
_OWN = {"redirect-loop", "redirect-insecure", "captive-portal", "redirects-to", "malformed", "not-https"}


@dataclass
class Means:
    """What all exchanges of one call share."""

    patience: Patience
    trust: Trust = field(default_factory=Trust)
    resolver: Resolver = field(default_factory=Resolver)
    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)  # profiles by the host of their sources
    large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))  # who may read long bodies
    offsets: list[float] = field(default_factory=list)  # verified servers' clocks against ours, in seconds


class Exchange:
    """All that is asked of one source, and what has been learnt on the way."""

    def __init__(self, probe: Probe, means: Means) -> None:
        self.probe = probe
        self.means = means
        self.progress = Progress()
        self.level = 0
        self.final_url: str | None = None
        self.days: int | None = None
        self.fetched: list[str] = []
        self.files_from: str | None = None
        self.warnings: list[str] = []
        self.stays = False
        self.learnt: dict[str, object] = {}
        given = parsed(probe.url)
        self.url = given._replace(userinfo="")
        self.authorization = probe.authorization or _basic(given.account)
        self._sessions: dict[tuple[Proxy | None, bool], Session] = {}
        self._budget = Budget()

    async def get(
        self,
        url: Url,
        *,
        limit: int,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        packed: str | None = None,
        agent: str | None = None,
        authorization: str | None = None,
        most: int | None = None,
    ) -> Reply:
        """The answer after redirects, of whatever status; at most `limit` bytes of content. Raises Failure.

        With `most` the rest is read too, and thrown away, so that one without end is told: too-large.

        Credentials go to the source's own origin, or with `authorization` to that of `url`; never further,
        nor back there once another origin had a say in where to.
        """
        home, login = (url, authorization) if authorization else (self.url, self.authorization)
        own = True
        common = {"user-agent": agent or self.probe.client.agent, **(headers or {})}
        seen: set[str] = set()
        here = url
        while True:
            self._allowed(here, url)
            own = own and here.origin == home.origin
            sent = {**common, "authorization": login} if login and own and self._alone(here) else common
            try:
                reply = await self._asked(method, here, sent, limit, packed, most)
            except Failure as failure:
                raise self._passed_on(failure, url, here) from None
            if reply.status not in _MOVED or "location" not in reply.headers:
                self._arrived(url, reply)
                return replace(reply, own=own)
            seen.add(str(here))
            here = reply.target()
            if str(here) in seen or len(seen) > _REDIRECTS:
                raise Failure("redirect-loop", host=here.host)

    def checked(self, reply: Reply, asked: Url) -> Reply:
        """This reply if it is good. Raises Failure: http-…, or redirects-to where another host said so."""
        try:
            return reply.good()
        except Failure as failure:
            raise self._passed_on(failure, asked, reply.url) from None

    async def check_blocking(self, reply: Reply, asked: Url, **request: Any) -> None:
        """Raise Failure http-403-client-blocked or client-blocked if a refusal is for its tool alone.

        Others get in, and the tool once more doesn't: that tells it from what was too much at once.
        """
        if not 400 <= reply.status < 500 or reply.status in _SAID:
            return
        try:
            other = await self.get(asked, limit=0, agent=_PLAIN, **request)
            if other.status != 401 and not 200 <= other.status < 300:
                return
            again = await self.get(asked, limit=0, **request)
        except Failure:
            return
        if again.status == reply.status:
            code = "http-403-client-blocked" if reply.status == 403 else "client-blocked"
            agent = self.probe.client.agent.partition(" ")[0]
            facts = {"status": reply.status, "agent": agent, "tool": self.probe.tool}
            raise Failure(code, host=reply.url.host, **facts)

    async def each(self, *asked: Coroutine[Any, Any, None]) -> None:
        """All of these, at once where one connection carries them; raises what the first of them raised.

        Over HTTP/1.1 one after the other is quicker than another connection would be.
        """
        if self.probe.client.http2:
            for failed in await asyncio.gather(*asked, return_exceptions=True):
                if failed is not None:
                    raise failed
            return
        with ExitStack() as unasked:
            for one in asked:
                unasked.callback(one.close)
            for one in asked:
                await one

    def overtaken(self, seconds: float) -> Failure:
        """What to say where all of the time is gone and this is still going on."""
        if self.progress.proxy:
            late = sentence("no answer in time")
            return Failure("proxy-unreachable", proxy=self.progress.proxy, detail=late)
        return Failure(_STAGES.get(self.progress.stage, "read-timeout"), seconds=round(seconds, 1))

    def close(self) -> None:
        """Drop every connection."""
        for session in self._sessions.values():
            session.close()

    def warn(self, code: str) -> None:
        """Note what is worth knowing about a source that works."""
        if code not in self.warnings:
            self.warnings.append(code)

    def _allowed(self, url: Url, first: Url) -> None:
        if url.scheme == "https" and url.host:
            return
        if url.scheme == "http" and proxies.is_loopback(url.host) and self.url.scheme == "http":
            return
        facts = {"url": str(url), "origin": first.host, "host": first.host}
        if url == first:
            raise Failure("not-https", **facts)
        if _LOGIN.search(url.path) or _LOGIN.search(url.host):
            raise Failure("captive-portal", **facts)
        raise Failure("redirect-insecure", **facts)

    def _alone(self, url: Url) -> bool:
        """Whether nobody on the way reads what `url` is asked with."""
        return url.scheme == "https" or proxies.choose(url, self.probe.client) is None

    def _passed_on(self, failure: Failure, first: Url, here: Url) -> Failure:
        failure.about(host=here.host, url=str(here), port=here.number)
        if here.host == first.host or failure.code in _OWN:
            return failure
        detail = message(failure.code, failure.facts)
        return Failure("redirects-to", origin=first.host, host=here.host, detail=detail, cause=failure.code)

    def _arrived(self, first: Url, reply: Reply) -> None:
        self.fetched.append(redact(str(reply.url)))
        if first.host != self.url.host:
            return
        self.level = max(self.level, 1)
        if self.final_url is None or first.host != reply.url.host:
            self.final_url = redact(str(reply.url))
        profiles = self.means.hosts.get(reply.url.host, frozenset())
        if reply.url.host != self.url.host and profiles - {self.probe.profile or ""}:
            self.warn("redirects-to")

    async def _asked(self, *request: Any) -> Reply:
        try:
            reply = await self._once(*request)
        except Failure as failure:
            if failure.code != "connect-reset":
                raise
        else:
            if reply.status not in _AGAIN:
                return reply
        await asyncio.sleep(_PAUSE)
        return await self._once(*request)

    async def _once(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str],
        limit: int,
        packed: str | None,
        most: int | None,
    ) -> Reply:
        started = perf_counter()
        answer = await self._session(url).ask(method, url, headers)
        async with aclosing(answer):
            self.progress.took("first_byte", started)
            self._look_at(answer)
            reply = Reply(answer.status, url, answer.headers)
            if method == "HEAD" or reply.status in _MOVED or limit <= 0:
                return reply
            self.progress.stage = "read"
            good = 200 <= reply.status < 300
            chain = unpackers(answer.headers.get("content-encoding", ""), packed if good else None)
            body, complete = await collect(answer.chunks, limit, chain)
            if most and good and not complete:
                async with self.means.large:
                    if not await drain(answer.chunks, most, chain):
                        raise Failure("too-large")
            return Reply(reply.status, reply.url, reply.headers, body, complete)

    def _session(self, url: Url) -> Session:
        chosen = proxies.choose(url, self.probe.client)
        passing = chosen is not None and not chosen.is_socks and url.scheme == "http"
        if (chosen, passing) not in self._sessions:
            network = Network(self.means.resolver, self.means.patience, self.progress, self._budget)
            near = self._trusted(http2=False) if chosen and chosen.at.scheme == "https" else None
            http2 = self.probe.client.http2
            route = Route(network, chosen, near, passing=passing)
            self._sessions[chosen, passing] = Session(route, self._trusted(http2=http2), http2=http2)
        return self._sessions[chosen, passing]

    def _trusted(self, *, http2: bool) -> ssl.SSLContext:
        return self.means.trust.context(self.probe, http2=http2)

    def _look_at(self, answer: Answer) -> None:
        """Learn from the first verified answer how long the certificate lasts, and what time it is there."""
        if self.days is not None or (ends := answer.certificate_ends) is None:
            return
        now = time.time()
        self.days = int((ends - now) // 86400)
        if (offset := clock_offset(answer.headers, now)) is not None:
            self.means.offsets.append(offset)


def clock_offset(headers: Mapping[str, str], now: float) -> float | None:
    """How many seconds a server's clock is ahead of ours; None where it doesn't say (RFC 9110, 6.6.1)."""
    try:
        age = int(headers.get("age", "0"))
        return parsedate_to_datetime(headers["date"]).timestamp() + age - now
    except (KeyError, ValueError, TypeError, OverflowError, IndexError):
        return None


def parsed(text: str) -> Url:
    """The address of a source. Raises Failure malformed."""
    try:
        return parse(text)
    except ValueError:
        host, detail = sentence("the source"), sentence("its address is none")
        raise Failure("malformed", url=text, host=host, detail=detail) from None


def _basic(account: tuple[str, str] | None) -> str | None:
    return account and "Basic " + base64.b64encode(":".join(account).encode()).decode()
