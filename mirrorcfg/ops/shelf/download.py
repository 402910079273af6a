"""Profiles from elsewhere: an https address or a file, and what is there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from mirrorcfg.errors import MirrorcfgError, ProfileError, UsageError
from mirrorcfg.host import Host, clients, credentials
from mirrorcfg.model.plan import User
from mirrorcfg.model.verdict import Probe
from mirrorcfg.profiles import address
from mirrorcfg.profiles.origin import LARGEST
from mirrorcfg.redact import redact
from mirrorcfg.sentence import sentence
from mirrorcfg.store import own

_NETRC = "netrc holds the credentials for a host, and is asked for them"


def url(source: str) -> str:
    """The address of a source; a path becomes one too.

    Raises UsageError where it isn't https, or carries credentials: it is kept where everybody may read it.
    """
    if "://" not in source:
        return Path(source).absolute().as_uri()
    wrong = address.url(source, query=True)
    if wrong is None and redact(source) != source:
        what = sentence("The address {url} carries credentials.", url=redact(source))
        wrong = address.Wrong("credentials-in-url", what, _NETRC)
    if wrong is not None:
        raise UsageError(wrong.code, wrong.what, hint=wrong.hint)
    return source


def got(host: Host, where: str, user: User | None, ca_file: str | None, timeout: float | None) -> bytes:
    """What is at an address that `url` gave: a file read with that user's rights, or asked for with netrc.

    Raises MirrorcfgError with a code of the verifier's, or ProfileError.
    """
    if where.startswith("file:"):
        path = Path(unquote(urlsplit(where).path))
        data = own.read(path, user=user)
        if data is None:
            raise ProfileError("unknown-profile", "There is no such file.", path=str(path))
        return data
    host.progress.doing(sentence("Asking {host}", host=urlsplit(where).hostname))
    from mirrorcfg.verifier import fetch

    try:
        client = clients.own(host)
        login = credentials.split(host, client, where)[1]
        probe = Probe(client, "profile", url(where), None, ca_file, login)
        return fetch(probe, limit=LARGEST, timeout=host.patience(timeout))
    except MirrorcfgError as error:
        if error.code == "tls-untrusted-ca":
            error.hint = "if that CA is your organization's own, name its file: --ca-file PATH"
        raise
