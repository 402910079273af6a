"""An authority for one run and a certificate that it signs, made by the `openssl` program.

Python's standard library makes no certificates, and a package that does would be needed for this alone.
The extensions are those that Python 3.13 asks for (ssl.VERIFY_X509_STRICT; RFC 5280, 4.2).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.programs import find
from mirrorcfg.programs.run import Order, run
from mirrorcfg.sentence import sentence

_DAYS = "30"
_CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = mirrorcfg demo
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1
"""


class Certificates(NamedTuple):
    """The files that a client trusts and that a server shows."""

    authority: Path
    chain: Path
    key: Path


def make(folder: Path) -> Certificates:
    """Make them in that folder, for 127.0.0.1. Raises MirrorcfgError where there is no `openssl`."""
    program = find.which("openssl", os.environ.get("PATH") or os.defpath)
    if program is None:
        raise MirrorcfgError(
            "no-openssl",
            "The demo makes its certificates with the program openssl, which is not here.",
            hint="install openssl, as with `apt install openssl` or `brew install openssl`",
        )
    folder.mkdir()
    (folder / "openssl.cnf").write_text(_CONFIG)
    key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for line in (
        f"req -x509 -config ./openssl.cnf -extensions authority -days {_DAYS} {key}"
        " -keyout ./ca.key -out ./ca.crt",
        f"req -new -config ./openssl.cnf -subj /CN=127.0.0.1 {key} -keyout ./server.key -out ./server.csr",
        "x509 -req -in ./server.csr -CA ./ca.crt -CAkey ./ca.key -set_serial 2 -extfile ./openssl.cnf"
        f" -extensions leaf -days {_DAYS} -out ./server.crt",
    ):
        words = [str(folder / word[2:]) if word.startswith("./") else word for word in line.split()]
        done = run(Order((str(program), *words)))
        if done.code:
            said = done.err.decode(errors="replace").strip()
            what = sentence("openssl could not make the demo's certificates: {said}", said=said)
            raise MirrorcfgError("no-certificates", what, hint="openssl version")
    (folder / "ca.key").unlink()  # nothing more is signed
    return Certificates(folder / "ca.crt", folder / "server.crt", folder / "server.key")
