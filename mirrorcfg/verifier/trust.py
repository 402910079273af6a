"""What is trusted: the roots of the client, and where it has a place for it the CA of a host.

Nothing here can turn verification off: who names no root trusts nobody.
"""

from __future__ import annotations

import errno
import os
import re
import ssl
import stat
import sys
from contextlib import suppress
from pathlib import Path, PurePath

from mirrorcfg.formats import pem
from mirrorcfg.model.client import PUBLIC, SYSTEM, Client, Manner
from mirrorcfg.model.verdict import Probe
from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.wire import tls

_LARGEST = 1 << 22  # bytes; the bundle of a whole system has a quarter of a million
_STORES = (  # where distributions keep what they trust, for a Python that was built elsewhere
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PAIR = {".cert": ".key", ".key": ".cert"}
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
# Python's own, for a key of 1024 bits, which Go takes
_CIPHERS = "@SECLEVEL=1:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"


class Trust:
    """Contexts by what they trust and what is spoken; each is made once."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[object, ...], ssl.SSLContext] = {}

    def context(self, probe: Probe, *, http2: bool = False) -> ssl.SSLContext:
        """What a source's client trusts for it. Raises Failure ca-file-unreadable, client-key-missing.

        One for each protocol: a pool sets what it speaks on the context itself (RFC 7301).
        """
        client, named = probe.client, [probe.ca_file] if probe.ca_file else []
        roots = tuple(dict.fromkeys([*client.roots, *named]))
        key = (http2, client.manner, *roots, "", *client.also, "", *probe.certs)
        if key not in self._contexts:
            context = _context(client.manner, roots, client.also)
            _from_folder(context, probe.certs)
            context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
            self._contexts[key] = context
        return self._contexts[key]


def trusts(client: Client, ca_file: str) -> bool:
    """Whether a client trusts all the CAs in a file, wherever it has them from. Raises Failure."""
    wanted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _add(wanted, ca_file)
    known = _context(client.manner, client.roots, client.also)
    return {*wanted.get_ca_certs(binary_form=True)} <= {*known.get_ca_certs(binary_form=True)}


def _context(manner: Manner, roots: tuple[str, ...], also: tuple[str, ...]) -> ssl.SSLContext:
    if SYSTEM in roots and sys.platform in ("darwin", "win32"):
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.watch(context)
    for root in roots:
        if root == PUBLIC:
            import certifi

            _add(context, certifi.where())
        elif root != SYSTEM:
            _add(context, root)
        elif sys.platform not in ("darwin", "win32"):
            _add_system(context)
    go = manner == "go"
    for named in also:
        for path in _members(named) if go else (named,):
            with suppress(Failure):
                _add(context, path)
    context.hostname_checks_common_name = False  # no client takes that for a name any more
    if go:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # what is trusted is a root, whoever issued it
        context.set_ciphers(_CIPHERS)
    return context


def _members(path: str) -> list[str]:
    """A file, or all those of a folder, whatever their names; links by hash lead to what is there anyway."""
    try:
        return [str(each) for each in Path(path).iterdir() if not _HASHED.fullmatch(each.name)]
    except OSError:
        return [path]


def _from_folder(context: ssl.SSLContext, certs: tuple[str, ...]) -> None:
    """A client's folder for one host: CAs end in `.crt`, its own certificates in `.cert` and `.key`.

    Source: docker's documentation, "Verify repository client with certificates"; containers-certs.d(5).
    """
    for path in certs:
        end = PurePath(path).suffix
        if end == ".crt":
            with suppress(Failure):
                _add(context, path)
        elif (other := str(PurePath(path).with_suffix(_PAIR[end]))) not in certs:
            raise Failure("client-key-missing", path=path, missing=other)
        elif end == ".cert":
            with suppress(OSError):  # a key is its owner's to read
                context.load_cert_chain(path, other)


def _add_system(context: ssl.SSLContext) -> None:
    paths = ssl.get_default_verify_paths()
    for path in (paths.openssl_cafile, *_STORES):
        if Path(path).is_file():
            with suppress(OSError, ssl.SSLError):
                context.load_verify_locations(cafile=path)
            break
    if Path(paths.openssl_capath).is_dir():
        context.load_verify_locations(capath=paths.openssl_capath)


def _add(context: ssl.SSLContext, path: str) -> None:
    """Trust the certificates in a file or folder that somebody named. Raises Failure ca-file-unreadable."""
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)  # by hash, as OpenSSL's rehash lays them
            return
        context.load_verify_locations(cadata=pem.bare(_read(path).decode("latin-1")))
    except (OSError, ValueError) as error:  # a ValueError where there is none in it
        said = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
        detail = said or sentence("no PEM certificates")
        raise Failure("ca-file-unreadable", path=path, detail=detail) from None


def _read(path: str) -> bytes:
    """Nothing is waited for, and no more is read than a bundle has: a FIFO or a device may be there."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, sentence("it is no regular file"))
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise OSError(errno.EFBIG, sentence("it is larger than {most} bytes", most=_LARGEST))
    return data
