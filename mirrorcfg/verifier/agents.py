"""How each tool introduces itself: a source may answer one client and refuse another.

Source of the formats: pip's `network/session.py` (`user_agent`), uv's `linehaul`, conda's `base/context.py`
(`user_agent`), moby's `dockerversion`.
"""

from __future__ import annotations

import json
import platform
import ssl
from functools import cache

PLAIN = "curl/8.5.0"
_PIP, _UV, _CONDA, _DOCKER = "26.0", "0.9.5", "26.7.0", "28.3.2"

PAGE = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


@cache
def agent(tool: str) -> str:
    """The User-Agent that this tool sends from this machine."""
    if tool == "pip":
        return _pip()
    if tool == "uv":
        return f"uv/{_UV} {_compact({'installer': {'name': 'uv', 'version': _UV}, **_facts()})}"
    if tool == "conda":
        return (
            f"conda/{_CONDA} requests/2.32.5 CPython/{platform.python_version()} "
            f"{platform.system()}/{platform.release()} solver/libmamba"
        )
    upstream = f"UpstreamClient(Docker-Client/{_DOCKER} \\(linux\\))"
    return f"docker/{_DOCKER} go/go1.24.5 os/linux arch/{_go_arch()} {upstream}"


def _pip() -> str:
    from importlib import metadata  # slow to come, and only pip's name needs it

    try:
        version = metadata.version("pip")
    except metadata.PackageNotFoundError:
        version = _PIP
    facts = {
        "ci": None,
        "installer": {"name": "pip", "version": version},
        "openssl_version": ssl.OPENSSL_VERSION,
        **_facts(),
    }
    return f"pip/{version} {_compact(facts)}"


def _facts() -> dict[str, object]:
    name = {"Linux": "Linux", "Darwin": "Darwin", "Windows": "Windows"}.get(platform.system(), "Linux")
    return {
        "cpu": platform.machine(),
        "implementation": {"name": "CPython", "version": platform.python_version()},
        "python": platform.python_version(),
        "system": {"name": name, "release": platform.release()},
    }


def _compact(facts: dict[str, object]) -> str:
    return json.dumps(facts, separators=(",", ":"), sort_keys=True)


def _go_arch() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
