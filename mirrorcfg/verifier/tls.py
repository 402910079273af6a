"""TLS, always verified: what is trusted, and why a handshake failed.

Nothing here can turn verification off. SSL_CERT_FILE and its like only add to what is trusted.
"""

from __future__ import annotations

import ssl
import sys
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpcore

from mirrorcfg.verifier import certificate
from mirrorcfg.verifier.certificate import Certificate
from mirrorcfg.verifier.codes import Failure

T = TypeVar("T")

_CERTIFICATE = 11  # the handshake message's number: RFC 8446, section 4
_EXPIRED, _NOT_YET_VALID, _HOSTNAME = {10}, {9}, {62, 63, 64}  # X509_V_ERR_… of OpenSSL's x509_vfy.h
_REQUESTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_VARIABLES: Mapping[str, tuple[str, ...]] = {"pip": _REQUESTS, "conda": _REQUESTS}
_STORES = (  # where distributions keep what they trust, for a Python that was built elsewhere
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_TOO_OLD = {
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "DH_KEY_TOO_SMALL",
}
_SAYS = {
    "WRONG_VERSION_NUMBER": "what answers doesn't speak TLS",
    "RECORD_LAYER_FAILURE": "what answers doesn't speak TLS",
    "HTTP_REQUEST": "what answers doesn't speak TLS",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the two sides have no cipher in common",
    "TLSV1_UNRECOGNIZED_NAME": "it doesn't know that name",
}

_messages: weakref.WeakKeyDictionary[Any, bytes] = weakref.WeakKeyDictionary()


class Trust:
    """Contexts by what they trust besides the system's store; each is made once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def context(self, tool: str, ca_file: str | None) -> ssl.SSLContext:
        """What that tool trusts for a source with this CA. Raises Failure ca-file-unreadable."""
        names = _VARIABLES.get(tool, ("SSL_CERT_FILE",))
        also = [path for name in names if (path := self._environ.get(name)) and Path(path).is_file()]
        key = (ca_file or "", *dict.fromkeys(also))
        if key not in self._contexts:
            self._contexts[key] = _context(ca_file, also)
        return self._contexts[key]


def _context(ca_file: str | None, also: list[str]) -> ssl.SSLContext:
    context = _system()
    for path in also:
        _add(context, path, needed=False)
    if ca_file:
        _add(context, ca_file, needed=True)
    return context


def _system() -> ssl.SSLContext:
    if sys.platform in ("darwin", "win32"):
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    paths = ssl.get_default_verify_paths()
    for path in (paths.openssl_cafile, *_STORES):
        if Path(path).is_file():
            _add(context, path, needed=False)
            break
    if Path(paths.openssl_capath).is_dir():
        context.load_verify_locations(capath=paths.openssl_capath)
    # What OpenSSL shows of a handshake is the one way to a certificate that it has refused.
    if hasattr(context, "_msg_callback"):
        context._msg_callback = _seen
    return context


def _add(context: ssl.SSLContext, path: str, *, needed: bool) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        if needed:
            detail = (
                error.strerror if not isinstance(error, ssl.SSLError) else None
            ) or "no PEM certificates"
            raise Failure("ca-file-unreadable", path=path, detail=detail) from None


def _seen(connection: Any, direction: str, _version: Any, kind: Any, message: Any, data: bytes) -> None:
    if direction == "read" and message == _CERTIFICATE and kind == 22 and len(data) < 100_000:
        _messages[connection] = data


class TlsStream(httpcore.AsyncNetworkStream):
    """TLS over another stream, without buffers that a peer could fill."""

    def __init__(self, below: httpcore.AsyncNetworkStream, context: ssl.SSLContext, hostname: str) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)

    @classmethod
    async def over(
        cls, below: httpcore.AsyncNetworkStream, context: ssl.SSLContext, hostname: str
    ) -> TlsStream:
        """A stream whose handshake is done. Raises Failure tls-…"""
        try:
            stream = cls(below, context, hostname)
        except (ValueError, UnicodeError) as error:
            raise Failure("malformed", host=hostname, detail=f"no host name: {error}") from None
        try:
            await stream._drive(stream._tls.do_handshake)
        except ssl.SSLError as error:
            raise failed(error, hostname, stream.certificate) from None
        return stream

    @cached_property
    def certificate(self) -> Certificate | None:
        """The peer's own certificate, also one that was refused; to be asked for after the handshake."""
        message = _messages.get(self._tls)
        try:
            der = certificate.first_in(message) if message else self._tls.getpeercert(binary_form=True)
        except ValueError:
            der = None
        return certificate.read(der) if der else None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, at most `max_bytes`; nothing at the end."""
        try:
            return await self._drive(lambda: self._tls.read(max_bytes))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise Failure("connect-reset", detail=error.reason) from None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        while buffer:
            sent = await self._drive(lambda data=buffer: self._tls.write(data))  # type: ignore[misc]
            buffer = buffer[sent:]

    async def aclose(self) -> None:
        """Let go at once."""
        await self._below.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """TLS within TLS, for a proxy that is itself reached over https."""
        return await TlsStream.over(self, ssl_context, server_hostname or "")

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks about a connection, and `certificate`."""
        if info == "ssl_object":
            return self._tls
        return self.certificate if info == "certificate" else self._below.get_extra_info(info)

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
    detail = _SAYS.get(reason, reason.lower().replace("_", " ") or "no reason given")
    return Failure("tls-failure", host=host, detail=detail)


def _refused(error: ssl.SSLCertVerificationError, host: str, seen: Certificate | None) -> Failure:
    now = datetime.now(UTC)
    number = getattr(error, "verify_code", 0)
    expired = number in _EXPIRED or (number not in range(1, 100) and seen and seen.not_after < now)
    early = number in _NOT_YET_VALID or (number not in range(1, 100) and seen and seen.not_before > now)
    if number in _HOSTNAME:
        names = f" ({', '.join(seen.names[:3])})" if seen and seen.names else ""
        return Failure("tls-hostname", host=host, names=names)
    if expired:
        when = f" on {seen.not_after:%Y-%m-%d}" if seen and seen.not_after < now else ""
        return Failure("tls-expired", host=host, when=when, certificate=seen)
    if early:
        when = f" before {seen.not_before:%Y-%m-%d}" if seen and seen.not_before > now else ""
        return Failure("tls-not-yet-valid", host=host, when=when, certificate=seen)
    issuer = f"'{seen.issuer}'" if seen else "a CA"
    return Failure("tls-untrusted-ca", host=host, issuer=issuer, detail=error.verify_message)
