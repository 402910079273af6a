"""How pip goes to the network.

Source of the rules: pip/_internal/cli/index_command.py and network/{session,auth}.py; tried on 22.3 to 26.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorcfg.model.agent import in_ci, linehaul
from mirrorcfg.model.client import OPENSSL, PUBLIC, SYSTEM, Client, Times, named, netrc
from mirrorcfg.model.layer import Reading
from mirrorcfg.model.machine import Machine
from mirrorcfg.writers.pip import merging, site
from mirrorcfg.writers.pip.site import Pip

_LATEST = "26.3"  # where none is here
_TRUSTSTORE = (24, 2)  # from here on what the system's store has is trusted too
_BY_NETRC = (25, 2)  # and the password of a user in the address is looked up; before, the default one
_NO_PROXY_ENV = (26, 2)
_ALONE = (24, 1)  # with a proxy of its own nothing counts that requests reads of the environment
_CI = ("BUILD_BUILDID", "BUILD_ID", "CI", "PIP_IS_CI")
_PRIOR = "uploaded-prior-to"
# Of a page in JSON: what stops each pip from that release on, for all that it lists (tried).
_REFUSES = {"requires-python": (0,), "hash-kind": (24,), "hash-empty": (26,), "time": (26,)}


def client(readings: Sequence[Reading], machine: Machine) -> Client:
    """As requests has it, but where pip's own settings come first."""
    pip = site.found(machine)
    version = (site.version(machine, pip) if pip else None) or machine.version("pip") or _LATEST
    release, options = merging.release(version), merging.options(readings, machine.environ)
    proxy = options.get("proxy")
    no_variables = release >= _NO_PROXY_ENV and merging.is_yes(options.get("no-proxy-env", ""))
    alone = no_variables or (bool(proxy) and release >= _ALONE)
    environ = {} if alone else machine.environ
    told = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or options.get("cert")
    own = str(machine.path(told)) if told else _bundle(machine, pip)
    system = _asks_system(machine, pip, release, options)
    openssl = [name for name in OPENSSL if machine.environ.get(name)] if system else []
    return Client(
        "pip",
        "index",
        _agent(machine, pip, version),
        # What is named takes the place of pip's own bundle; what OpenSSL has for the system's goes with both.
        roots=(SYSTEM, own) if system and len(openssl) < len(OPENSSL) else (own,),
        also=named(machine, *openssl),
        proxies={"http": proxy, "https": proxy} if proxy else {},
        environ=environ,
        logins=netrc(machine, "anyone" if release >= _BY_NETRC else "default"),
        refuses=frozenset(name for name, since in _REFUSES.items() if release >= since),
        times=Times(_PRIOR, every=True) if options.get(_PRIOR) and release >= (26,) else None,
    )


def _asks_system(
    machine: Machine, pip: Pip | None, release: tuple[int, ...], options: Mapping[str, str]
) -> bool:
    """Does it trust what the system's store has? That takes Python 3.10."""
    old_python = pip is not None and merging.release(site.python_version(machine, pip)) < (3, 10)
    legacy = "legacy-certs" in options.get("use-deprecated", "").split()
    return release >= _TRUSTSTORE and not old_python and not legacy


def _bundle(machine: Machine, pip: Pip | None) -> str:
    """Its own certifi's, to which people add their CA; distributions have theirs point to the system's."""
    folder = site.folder(machine, pip) if pip else None
    if folder is None:
        return PUBLIC
    file = folder / "pip" / "_vendor" / "certifi" / "cacert.pem"
    return str(file) if machine.is_file(file) else SYSTEM


def _agent(machine: Machine, pip: Pip | None, version: str) -> str:
    import json
    import platform
    import ssl

    python = (site.exact_version(machine, pip) if pip else None) or platform.python_version()
    facts = linehaul(
        "pip", version, python, openssl_version=ssl.OPENSSL_VERSION, ci=in_ci(machine.environ, _CI)
    )
    if pip and (setuptools := site.version(machine, pip, "setuptools")):
        facts["setuptools_version"] = setuptools
    if told := machine.environ.get("PIP_USER_AGENT_USER_DATA"):
        facts["user_data"] = told
    return f"pip/{version} {json.dumps(facts, separators=(',', ':'), sort_keys=True)}"
