"""The parts of a User-Agent that more than one tool sends."""

from __future__ import annotations


def linehaul(name: str, version: str, **more: object) -> str:
    """An installer of Python packages, as the index's statistics read it (pip's `network/session.py`)."""
    import json

    facts = {"installer": {"name": name, "version": version}, **_facts(), **more}
    return f"{name}/{version} {json.dumps(facts, separators=(',', ':'), sort_keys=True)}"


def go_arch() -> str:
    """This machine's architecture in Go's words (runtime.GOARCH)."""
    import platform

    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _facts() -> dict[str, object]:
    import platform

    name = {"Linux": "Linux", "Darwin": "Darwin", "Windows": "Windows"}.get(platform.system(), "Linux")
    return {
        "cpu": platform.machine(),
        "implementation": {"name": "CPython", "version": platform.python_version()},
        "python": platform.python_version(),
        "system": {"name": name, "release": platform.release()},
    }
