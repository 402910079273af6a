"""Where podman, and whatever else reads registries.conf, looks for it.

Source of the rules: containers-registries.conf(5) and containers-registries.conf.d(5), tried on podman 4.3
and 5.4 and their skopeo. The home is `$HOME`, never XDG's; the variables are podman's and buildah's, and
skopeo knows none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from mirrorcfg.model.client import Logins
from mirrorcfg.model.layer import Layer
from mirrorcfg.model.machine import Machine, Scope
from mirrorcfg.sentence import sentence

FILE = "50-mirrorcfg.conf"
VARIABLES = ("CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH")  # the first that is set counts


def layers(machine: Machine, scope: Scope | None = None) -> tuple[Layer, ...]:
    """registries.conf, then the drop-ins by name: the system's, then the user's.

    Without a scope root's is the system's drop-in, anyone else's the user's.
    """
    if machine.platform != "linux":
        return ()
    scope = scope or ("system" if machine.root_user else "user")
    system, user = machine.path("/etc/containers"), machine.home / ".config" / "containers"
    variable = next((name for name in VARIABLES if machine.environ.get(name)), None)
    named, own = variable and machine.environ[variable], user / "registries.conf"
    instead = (
        sentence("{variable} names {path}, which is read in its place", variable=variable, path=named)
        if variable
        else None
    )
    theirs = sentence("{path} is there, so that no file of the system's is read", path=own)
    hidden = theirs if not named and machine.is_file(own) else None
    main = [
        Layer("system", system / "registries.conf", ignored=instead or hidden),
        Layer("user", own, ignored=instead),
        *(
            [Layer(str(variable), machine.absolute(named), led_by=f"{variable}={named}", required=True)]
            if named
            else []
        ),
    ]
    return (
        *main,
        *_drop_ins(machine, system / "registries.conf.d", "system", scope, hidden),
        *_drop_ins(machine, user / "registries.conf.d", "user", scope, None),
    )


def is_drop_in(layer: Layer) -> bool:
    """Is it a file of registries.conf.d?"""
    return layer.path is not None and layer.path.parent.name == "registries.conf.d"


def _drop_ins(
    machine: Machine, folder: PurePath, scope: Scope, wanted: Scope, hidden: str | None
) -> Iterable[Layer]:
    for name in sorted({FILE, *(name for name in machine.names(folder) if name.endswith(".conf"))}):
        ours = name == FILE
        yield Layer(
            f"{scope} {name}",
            folder / name,
            scope if ours else None,
            ignored=hidden,
            target=ours and scope == wanted,
            there=bool(hidden) and machine.is_file(folder / name),
        )


def logins(machine: Machine) -> Iterable[Logins]:
    """containers-auth.json(5): the file that is named, or one after the other, docker's the last."""
    running = machine.environ.get("XDG_RUNTIME_DIR") or ("/run/containers/0" if machine.root_user else "")
    files = [machine.path(running) / "containers" / "auth.json"] if running else []
    if named := machine.environ.get("REGISTRY_AUTH_FILE"):
        files = [machine.path(named)]
    else:
        files.append(machine.directory("XDG_CONFIG_HOME", "~/.config") / "containers" / "auth.json")
        files.append(machine.directory("DOCKER_CONFIG", "~/.docker") / "config.json")
        files.append(machine.home / ".dockercfg")
    return (Logins("auths", file, "docker-credential-") for file in files)


def certs(machine: Machine) -> tuple[str, ...]:
    """containers-certs.d(5); the first that has a folder for a host is the only one."""
    users = machine.home / ".config" / "containers" / "certs.d"
    return (str(users), *(str(machine.path(f"/etc/{name}/certs.d")) for name in ("containers", "docker")))
