"""The parts of a User-Agent that more than one tool sends."""

from __future__ import annotations

from collections.abc import Mapping


def linehaul(name: str, version: str, python: str, **more: object) -> dict[str, object]:
    """What an installer of Python packages tells of itself, for the index's statistics.

    Source: pip/_internal/network/session.py `user_agent`; uv's uv-client/src/linehaul.rs.
    """
    import platform

    system = {"Linux": "Linux", "Darwin": "Darwin", "Windows": "Windows"}.get(platform.system(), "Linux")
    facts: dict[str, object] = {
        "installer": {"name": name, "version": version},
        "python": python,
        "implementation": {"name": "CPython", "version": python},
        "distro": distribution(),
        "system": {"name": system, "release": platform.release()},
        "cpu": platform.machine(),
        **more,
    }
    return {key: value for key, value in facts.items() if value != {}}


def distribution() -> dict[str, object]:
    """This machine's, with its C library."""
    import platform

    if platform.system() != "Linux":
        return {}
    try:
        said = platform.freedesktop_os_release()
    except OSError:
        said = {}
    named = {"name": said.get("NAME"), "version": said.get("VERSION_ID"), "id": said.get("VERSION_CODENAME")}
    found: dict[str, object] = {key: value for key, value in named.items() if value}
    kind, version = platform.libc_ver()
    return {**found, "libc": {"lib": kind, "version": version}} if kind else found


def in_ci(environ: Mapping[str, str], variables: tuple[str, ...]) -> bool | None:
    """True where one of these is set; else nobody knows."""
    return True if any(name in environ for name in variables) else None


def kernel() -> str:
    """Linux' own version, as engines say it; nothing elsewhere, where they run in a machine of their own."""
    import platform

    return f"kernel/{platform.release()} " if platform.system() == "Linux" else ""
