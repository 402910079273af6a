"""Two mirrors, `acme` and `spare`, that the hosts of a fleet reach, and the profiles that name them."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import content, servers
from tests.conformance.certificates import Authority
from tests.fleet.hosts import GATEWAY, Fleet, Host

PORTS = {"acme": 8441, "spare": 8442}
CA_PATH = "/etc/mirrorcfg/ca.crt"  # on a host
PROFILES = "/etc/mirrorcfg/profiles/"


class Mirrors:
    """An nginx each, beside Ansible."""

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        self.folder = folder
        (folder / "content/files").mkdir(parents=True)
        content.index(
            folder / "content", [content.wheel(folder / "content/files", each) for each in ("pip", "six")]
        )
        content.channel(folder / "content/conda")
        authority = Authority(folder / "certificates")
        self.ca = authority.ca
        pair = authority.save("gateway", authority.root.issue_cert(GATEWAY))
        self.up = {}
        for name, port in PORTS.items():
            site = servers.Site(f"{GATEWAY}:{port}", servers.INDEX, pair, folder / "content")
            self.up[name] = servers.Processes(folder / name)
            servers.nginx(self.up[name], "nginx", [site], prefix=fleet.network)
            self.profile(name).write_text(
                f'schema = 1\nname = "{name}"\ntitle = {{ en = "{name}" }}\n'
                f'[tls]\nca-file = "{CA_PATH}"\n[pip]\nindex-url = "{self.url(name)}"\n'
                f'[conda]\ndefault-channels = ["{self.base(name)}/conda"]\n'
            )

    def settle(self, host: Host) -> None:
        """Put the authority and the profiles on a host, as an image would have them."""
        for source, name in [
            (self.ca, CA_PATH),
            *((self.profile(each), PROFILES + f"{each}.toml") for each in PORTS),
        ]:
            path = host.files / name[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read_bytes())

    def profile(self, name: str) -> Path:
        return self.folder / f"{name}.toml"

    def base(self, name: str) -> str:
        return f"https://{GATEWAY}:{PORTS[name]}"

    def url(self, name: str) -> str:
        return f"{self.base(name)}/simple"

    def stop(self, *names: str) -> None:
        for name in names or self.up:
            self.up[name].stop()
