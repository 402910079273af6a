"""TLS over another stream, always verified, and why a handshake failed."""

from __future__ import annotations

import ssl
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from mirrorcfg.formats import x509
from mirrorcfg.formats.x509 import Certificate
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire.network import TcpStream

T = TypeVar("T")

_CERTIFICATE = 11  # the handshake message's number: RFC 8446, section 4
_EXPIRED, _NOT_YET_VALID, _HOSTNAME = {10}, {9}, {62, 63, 64}  # X509_V_ERR_… of OpenSSL's x509_vfy.h
_TOO_OLD = {
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "DH_KEY_TOO_SMALL",
}
_SAYS = {
    "WRONG_VERSION_NUMBER": sentence("what answers doesn't speak TLS"),
    "RECORD_LAYER_FAILURE": sentence("what answers doesn't speak TLS"),
    "HTTP_REQUEST": sentence("what answers doesn't speak TLS"),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": sentence("the two sides have no cipher in common"),
    "TLSV1_UNRECOGNIZED_NAME": sentence("it doesn't know that name"),
}

_messages: weakref.WeakKeyDictionary[Any, bytes] = weakref.WeakKeyDictionary()


def watch(context: ssl.SSLContext) -> None:
    """Keep the certificates that its handshakes show; nothing else tells of one that was refused."""
    # Past SSLContext's own property, which makes enums of all that each message says, at a tenth of the cost.
    if shown := getattr(ssl._SSLContext, "_msg_callback", None):  # type: ignore[attr-defined]
        shown.__set__(context, _seen)


def _seen(connection: Any, direction: str, _version: Any, kind: Any, message: Any, data: bytes) -> None:
    if direction == "read" and message == _CERTIFICATE and kind == 22 and len(data) < 100_000:
        _messages[connection] = data


class TlsStream:
    """TLS over another stream, without buffers that a peer could fill."""

    def __init__(self, below: Stream, context: ssl.SSLContext, hostname: str) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    @classmethod
    async def over(cls, below: Stream, context: ssl.SSLContext, hostname: str) -> TlsStream:
        """A stream whose handshake is done. Raises Failure tls-…"""
        try:
            stream = cls(below, context, hostname)
        except (ValueError, UnicodeError) as error:
            detail = sentence("no host name: {why}", why=error)
            raise Failure("malformed", host=hostname, detail=detail) from None
        try:
            await stream._drive(stream.object.do_handshake)
        except ssl.SSLError as error:
            raise failed(error, hostname, stream.certificate) from None
        return stream

    @property
    def ends(self) -> float | None:
        """When the peer's certificate ends, which was accepted: in seconds since 1970."""
        if told := self.object.getpeercert():
            return ssl.cert_time_to_seconds(str(told["notAfter"]))
        seen = self.certificate  # macOS and Windows verify beside OpenSSL, which then tells nothing
        return None if seen is None else seen.not_after.timestamp()

    @cached_property
    def certificate(self) -> Certificate | None:
        """The peer's own certificate, one that was refused; to be asked for after the handshake."""
        message = _messages.get(self.object)
        try:
            der = x509.first_in(message) if message else self.object.getpeercert(binary_form=True)
        except ValueError:
            der = None
        return x509.read(der) if der else None

    async def read(self, most: int) -> bytes:
        """What has come, at most that many bytes; nothing at the end. Raises Failure."""
        try:
            return await self._drive(lambda: self.object.read(most))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise Failure("connect-reset", detail=error.reason) from None

    async def write(self, data: bytes) -> None:
        """Send all of it. Raises Failure."""
        while data:
            sent = await self._drive(lambda data=data: self.object.write(data))  # type: ignore[misc]
            data = data[sent:]

    def hurry(self, most: int | None) -> None:
        """From here on nothing is waited for, and at most so many bytes are taken; None ends that."""
        self._below.hurry(most)

    def has_ended(self) -> bool:
        """Whether the peer has gone, while nobody waits for anything."""
        return self._below.has_ended()

    def close(self) -> None:
        """Let go at once; nobody waits for a peer to agree."""
        self._below.close()

    async def _drive(self, action: Callable[[], T]) -> T:
        while True:
            try:
                result = action()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._below.read(1 << 16)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLError:
                await self._flush()  # the alert that tells the peer why
                raise
            else:
                await self._flush()
                return result

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._below.write(data)


Stream = TcpStream | TlsStream


def failed(error: ssl.SSLError, host: str, seen: Certificate | None) -> Failure:
    """What a failed handshake means to a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _refused(error, host, seen)
    reason = error.reason or ""
    if reason in _TOO_OLD:
        return Failure("tls-protocol-too-old", host=host)
    if (
        isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        or reason == "UNEXPECTED_EOF_WHILE_READING"
    ):
        return Failure("connect-reset", host=host)
    detail = _SAYS.get(reason, reason.lower().replace("_", " ") or sentence("no reason given"))
    return Failure("tls-failure", host=host, detail=detail)


def _refused(error: ssl.SSLCertVerificationError, host: str, seen: Certificate | None) -> Failure:
    now = datetime.now(UTC)
    number = getattr(error, "verify_code", 0)
    expired = number in _EXPIRED or (number not in range(1, 100) and seen and seen.not_after < now)
    early = number in _NOT_YET_VALID or (number not in range(1, 100) and seen and seen.not_before > now)
    if number in _HOSTNAME:
        some = ", ".join(seen.names[:3]) if seen else ""
        names = sentence(" ({names})", names=some) if some else ""
        return Failure("tls-hostname", host=host, names=names)
    if expired:
        when = ""
        if seen and seen.not_after < now:
            when = sentence(" on {day}", day=f"{seen.not_after:%Y-%m-%d}")
        return Failure("tls-expired", host=host, when=when, certificate=seen)
    if early:
        when = ""
        if seen and seen.not_before > now:
            when = sentence(" before {day}", day=f"{seen.not_before:%Y-%m-%d}")
        return Failure("tls-not-yet-valid", host=host, when=when, certificate=seen)
    issuer = sentence("an unnamed CA") if seen else sentence("a CA")
    if seen and seen.issuer:
        issuer = f"'{seen.issuer}'"
    return Failure("tls-untrusted-ca", host=host, issuer=issuer, detail=error.verify_message)
