"""All sources at once, under one deadline."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

from mirrorcfg import trace
from mirrorcfg.model.verdict import Phases, Probe, Verdict
from mirrorcfg.redact import redact
from mirrorcfg.verifier import channel, clock, folder, freshness, index, registry
from mirrorcfg.verifier.codes import CODES, Failure, Kind, hint, message
from mirrorcfg.verifier.exchange import Exchange, Means, parsed
from mirrorcfg.verifier.wire.network import Patience

_AT_ONCE = 256


class Call:
    """One call of the verifier: its probes, what they share, and what came of each."""

    def __init__(
        self,
        probes: Sequence[Probe],
        level: int,
        timeout: float,
        subdir: str | None,
        on_verdict: Callable[[Verdict], None] | None,
    ) -> None:
        self._probes = probes
        self._level = level
        self._timeout = timeout
        self._subdir = subdir
        self._on_verdict = on_verdict
        self._means = Means(Patience.within(timeout), hosts=_hosts(probes))
        self._room = asyncio.Semaphore(_room())
        self._exchanges: dict[int, Exchange] = {}
        self._failures: dict[int, Failure] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._started = perf_counter()

    async def run(self) -> list[Verdict]:
        """A verdict for each probe, in their order."""
        tasks = [asyncio.create_task(self._judged(number)) for number in range(len(self._probes))]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._timeout)
            for task in late:
                task.cancel()
            for number in range(len(tasks)):
                if number not in self._verdicts:
                    self._settle(number, self._overtaken(number))
            await asyncio.wait(tasks, timeout=0.2)
        verdicts = [self._reconsidered(number) for number in range(len(tasks))]
        return freshness.compared(verdicts, [self._exchanges.get(number) for number in range(len(tasks))])

    def cut(self) -> list[Verdict]:
        """The verdicts there are, and for the rest that time ran out; for whoever can wait no longer."""
        for number in range(len(self._probes)):
            if number not in self._verdicts:
                self._settle(number, self._overtaken(number))
        return [self._verdicts[number] for number in range(len(self._probes))]

    async def _judged(self, number: int) -> None:
        probe = self._probes[number]
        try:
            async with self._room:
                failure = await self._asked(number, probe)
        except Failure as caught:
            failure = caught
        except Exception as error:
            failure = Failure("internal-error", detail=f"{type(error).__name__}: {error}")
        self._settle(number, failure)

    async def _asked(self, number: int, probe: Probe) -> Failure | None:
        if not probe.url.startswith("https:"):
            # It unpacks archives; what is on the network needs none of that.
            from mirrorcfg.verifier import local

            if (path := local.path_of(probe.url)) is not None:
                await local.asked(probe.client.protocol, path, self._level)
                return None
        exchange = self._exchanges[number] = Exchange(probe, self._means)
        try:
            await self._checked(exchange)
        except Failure as failure:
            return await clock.timed(self._means, exchange.url, failure, self._timeout / 5)
        finally:
            exchange.close()
        return None

    async def _checked(self, exchange: Exchange) -> None:
        if exchange.probe.files is not None:
            await folder.check(exchange, self._level)
            return
        match exchange.probe.client.protocol:
            case "channel":
                await channel.check(exchange, self._level, self._subdir)
            case "registry":
                await registry.check(exchange, self._level)
            case _:
                await index.check(exchange, self._level)

    def _overtaken(self, number: int) -> Failure:
        """What to say of a source that was still being asked when time ran out."""
        exchange = self._exchanges.get(number)
        if exchange is None:
            return Failure("not-asked")
        return exchange.overtaken(self._timeout)

    def _settle(self, number: int, failure: Failure | None) -> None:
        if number in self._verdicts:
            return
        if failure is not None:
            self._failures[number] = failure
        verdict = self._verdicts[number] = self._verdict(number, failure)
        trace.tell(
            "Asked {url}: {code} after {ms:.0f} ms.", url=verdict.probe.url, code=verdict.code, ms=verdict.ms
        )
        if self._on_verdict is not None:
            self._on_verdict(verdict)

    def _verdict(self, number: int, failure: Failure | None) -> Verdict:
        probe, exchange = self._probes[number], self._exchanges.get(number)
        facts = {**_facts(probe), **(failure.facts if failure else {})}
        code = failure.code if failure else "ok"
        verdict = Verdict(
            probe,
            ok=CODES[code].kind in (Kind.OK, Kind.UNTRIED),
            code=code,
            level=self._level if exchange is None and failure is None else 0,
            message=message(code, facts),
            hint=hint(code, facts),
            ms=(perf_counter() - self._started) * 1000,
        )
        if exchange is None:
            return verdict
        times = exchange.progress.times
        return replace(
            verdict,
            level=exchange.level,
            final_url=exchange.final_url,
            phases=Phases(**{step: round(took, 1) for step, took in times.items()}),
            certificate_days=exchange.days,
            fetched=tuple(exchange.fetched),
            files_from=exchange.files_from,
            warnings=tuple(exchange.warnings),
            stays=exchange.stays,
        )

    def _reconsidered(self, number: int) -> Verdict:
        """The verdict in the light of what the other servers say of the time."""
        verdict, offsets = self._verdicts[number], self._means.offsets
        failure = self._failures.get(number)
        if failure is None:
            return verdict
        again = clock.explained(failure, offsets)
        if again is failure:
            return verdict
        facts = {**_facts(verdict.probe), **again.facts}
        return replace(
            verdict, code=again.code, message=message(again.code, facts), hint=hint(again.code, facts)
        )


def _facts(probe: Probe) -> dict[str, object]:
    host, port = "this machine", 443
    with contextlib.suppress(Failure):
        url = parsed(probe.url)
        host, port = url.host or host, url.number
    return {"url": redact(probe.url), "host": host, "port": port, "tool": probe.tool, "origin": host}


def _hosts(probes: Sequence[Probe]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for probe in probes:
        with contextlib.suppress(Failure):
            found.setdefault(parsed(probe.url).host, set()).add(probe.profile or "")
    return {host: frozenset(profiles) for host, profiles in found.items()}


def _room() -> int:
    """How many sources may be asked at once: as many as there is room for their files."""
    try:
        import resource
    except ImportError:  # Windows
        return _AT_ONCE
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _AT_ONCE if soft < 0 else max(8, min(_AT_ONCE, (soft - 64) // 2))
