"""The options of dockerd 20.10, which has no `--validate`: what its daemon.json may hold, and its flags.

Each was asked of dockerd 20.10.24 itself, with a value of every type.
"""

from __future__ import annotations

_LISTS = """allow-nondistributable-artifacts authorization-plugins default-address-pools dns dns-opts
dns-search exec-opts hosts insecure-registries labels node-generic-resources registry-mirrors
storage-opts"""
_TEXTS = """api-cors-header bip bridge cgroup-parent cluster-advertise cluster-store containerd
containerd-namespace data-root default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode
default-runtime deprecated-key-path exec-root fixed-cidr fixed-cidr-v6 graph group host-gateway-ip
init-path ip log-driver log-level metrics-addr pidfile seccomp-profile storage-driver
swarm-default-advertise-addr tlscacert tlscert tlskey userland-proxy-path userns-remap"""
_NUMBERS = """cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads
max-download-attempts mtu network-control-plane-mtu network-diagnostic-port oom-score-adjust
shutdown-timeout"""
_SWITCHES = """cri-containerd debug experimental icc init ip-forward ip-masq ip6tables iptables ipv6
live-restore no-new-privileges raw-logs rootless selinux-enabled tls tlsverify userland-proxy"""
_MAPS = "builder cluster-store-opts default-ulimits features log-opts runtimes"
_ANY = """add-runtime authorization-plugin config-file containerd-plugins-namespace default-address-pool
default-shm-size default-ulimit dns-opt exec-opt help host insecure-registry label log-opt
node-generic-resource registry-mirror storage-opt version"""

TYPES: dict[str, tuple[type, str] | None] = {
    **dict.fromkeys(_LISTS.split(), (list, "a list")),
    **dict.fromkeys(_TEXTS.split(), (str, "a text")),
    **dict.fromkeys(_NUMBERS.split(), (int, "a whole number")),
    **dict.fromkeys(_SWITCHES.split(), (bool, "true or false")),
    **dict.fromkeys(_MAPS.split(), (dict, "an object")),
    **dict.fromkeys(_ANY.split(), None),
}
"""Keys to the type that their value must have, and what to call it."""

_SHORT = {
    "b": "bridge",
    "D": "debug",
    "G": "group",
    "H": "host",
    "l": "log-level",
    "p": "pidfile",
    "s": "storage-driver",
}
_PLURALS = {"insecure-registry": "insecure-registries"}


def keys_of_flags(argv: tuple[str, ...]) -> dict[str, str]:
    """The keys that the flags of a command line stand for, and the flag each."""
    found = {}
    for word in argv[1:]:
        if word.startswith("--"):
            name = word[2:].partition("=")[0]
        elif word[:1] == "-":
            name = _SHORT.get(word[1:2], "")
        else:
            continue
        plural = _PLURALS.get(name, f"{name}s")
        found[plural if plural in TYPES else name] = word.partition("=")[0]
    return found
