"""A file of CA certificates: ours are put in and taken out, those that others put there stay.

Source of the rules: RFC 7468, for the lines around a certificate.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import budget
from mirrorcfg.formats.merge import merge
from mirrorcfg.formats.past import Past
from mirrorcfg.formats.text import newline
from mirrorcfg.sentence import sentence

_BEGIN = "-----BEGIN CERTIFICATE-----"
_BLOCK = re.compile(f"{_BEGIN}([^-]*)-----END CERTIFICATE-----")
_SEQUENCE = b"\x30"  # the first byte of every certificate in DER


def check(text: str) -> None:
    """Raises FormatError where `text` holds no certificate, one that is damaged, or a private key."""
    budget.pem(text)
    if "PRIVATE KEY-----" in text:
        what = "It holds a private key, which would be copied to where others can read it."
        raise FormatError("ca-file-has-key", what, hint="name a file that holds the certificate alone")
    if _BEGIN not in text:
        what = sentence("It holds no certificate in PEM ({mark}).", mark=_BEGIN)
        raise FormatError("ca-file-no-certificate", what, hint="openssl x509 -inform der makes one of DER")
    if len(list(_certificates(text))) != text.count(_BEGIN):
        raise FormatError(
            "ca-file-damaged", "A certificate in it is damaged.", hint="openssl x509 -noout -in FILE"
        )


def edit(text: str, wanted: str | None, past: Past | None = None) -> str:
    """`text` with the certificates of `wanted` (None: without ours), those of an earlier edit taken out.

    Where nobody else has certificates in the file it is `wanted` as it is; else that comes behind theirs,
    and not at all where all of it is there already.
    """
    theirs = revert(text, past.left, past.origin) if past else text
    if wanted is None or set(_certificates(wanted)) <= set(_certificates(theirs)):
        return theirs
    if not theirs.strip():
        return wanted
    gap = "" if theirs.endswith(("\n", "\r")) else newline(theirs)
    return theirs + gap + wanted


def revert(text: str, left: str, target: str) -> str:
    """`text` with what differs between `left` and `target` as `target` has it, or as it is."""
    if text == left:
        return target
    merged = merge(left, target, text)
    return text if merged is None else merged


def bare(text: str) -> str:
    """The certificates in `text`, and nothing else of it."""
    return "".join(f"{found.group()}\n" for found in _BLOCK.finditer(text.replace("\r\n", "\n")))


def holds(text: str, left: str) -> bool:
    """Are all certificates of `left` still in `text`?"""
    return set(_certificates(left)) <= set(_certificates(text))


def _certificates(text: str) -> Iterator[bytes]:
    """Each that is whole, in DER."""
    for found in _BLOCK.finditer(text):
        try:
            der = binascii.a2b_base64("".join(found[1].split()), strict_mode=True)
        except ValueError:  # of which one is that the text isn't ASCII
            der = b""
        if der.startswith(_SEQUENCE):
            yield der
