from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from mirrorcfg.model.profile import Profile
from mirrorcfg.profiles import Catalogue, load, search_path, template
from mirrorcfg.profiles.library import Library
from mirrorcfg.profiles.search import builtin
from mirrorcfg.sentence import Bilingual

DIRECTORIES = search_path({}, Path("/nonexistent"), "linux", Path("/nonexistent"))
NAMES = sorted(path.stem for path in builtin().glob("*.toml"))
DOORS = {"podman", "containerd", "buildkit", "k3s"}  # through which a project of Harbor's is a mirror
SITES = {
    "tsinghua": ("https://pypi.tuna.tsinghua.edu.cn/simple", "https://mirrors.tuna.tsinghua.edu.cn/anaconda"),
    "bfsu": ("https://mirrors.bfsu.edu.cn/pypi/web/simple", None),
    "ustc": ("https://mirrors.ustc.edu.cn/pypi/simple", "https://mirrors.ustc.edu.cn/anaconda"),
    "nju": ("https://mirror.nju.edu.cn/pypi/web/simple", "https://mirror.nju.edu.cn/anaconda"),
    "sjtu": ("https://mirror.sjtu.edu.cn/pypi/web/simple", "https://mirror.sjtu.edu.cn/anaconda"),
    "zju": ("https://mirrors.zju.edu.cn/pypi/web/simple", "https://mirrors.zju.edu.cn/anaconda"),
    "sustech": ("https://mirrors.sustech.edu.cn/pypi/web/simple", "https://mirrors.sustech.edu.cn/anaconda"),
    "aliyun": ("https://mirrors.aliyun.com/pypi/simple", None),
    "tencent": ("https://mirrors.cloud.tencent.com/pypi/simple", None),
    "huawei": ("https://mirrors.huaweicloud.com/repository/pypi/simple", None),
}


def read(name: str, catalogue: Catalogue, **variables: str) -> Profile:
    return load(
        name, {key.replace("_", "-"): text for key, text in variables.items()}, catalogue, DIRECTORIES
    )


def test_all_are_there_and_right(catalogue: Catalogue) -> None:
    entries = list(Library(catalogue, DIRECTORIES).every())
    assert (
        [entry.found.name for entry in entries]
        == NAMES
        == sorted([*SITES, "china", "harbor", "offline", "official"])
    )
    assert [entry.error for entry in entries if entry.error] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_each_says_of_itself(name: str, catalogue: Catalogue) -> None:
    text = (builtin() / f"{name}.toml").read_text("utf-8")
    assert text.startswith("#:schema ./profile.schema.json\n")
    profile = template(name, catalogue, DIRECTORIES)
    assert set(profile.titles) == {"en", "zh"}
    assert re.search("[一-鿿]", profile.titles["zh"])
    for offer in profile.offers.values():
        if offer.unavailable is not None:
            assert isinstance(offer.unavailable, Bilingual)
            assert re.search("[一-鿿]", offer.unavailable.chinese)
            assert offer.unavailable.isascii() or "…" in offer.unavailable
    more = {"harbor": DOORS, "nju": {"uv"}}
    assert set(profile.offers) == {"pip", "conda", "docker"} | more.get(name, set())
    own = tomllib.loads(text)
    assert not {"extra-index-urls", "channels", "show-channel-urls", "channel-alias"} & {
        key for tool in profile.offers for key in own.get(tool, {})
    }


@pytest.mark.parametrize("name", SITES)
def test_the_addresses_of_the_sites(name: str, catalogue: Catalogue) -> None:
    index, conda = SITES[name]
    profile = read(name, catalogue)
    assert profile.checked == date(2026, 11, 26)
    assert profile.offers["pip"].settings == {"index-url": index}
    assert profile.offers["docker"].unavailable
    if conda is None:
        assert profile.offers["conda"].unavailable
        return
    channels = profile.offers["conda"].settings["custom-channels"]
    assert isinstance(channels, dict)
    assert set(channels.values()) == {f"{conda}/cloud"}
    extra = {"tsinghua": {"pytorch"}, "ustc": {"bioconda"}}.get(name, set())
    assert set(channels) == {"conda-forge"} | extra
    # One channel that is missing stops all of conda's: no list has one that its mirror has lacked, or Windows' own.
    parts = {"ustc": (), "nju": ("main", "r"), "sjtu": ("main", "r")}.get(name, ("main",))
    defaults = tuple(f"{conda}/pkgs/{channel}" for channel in parts)
    assert profile.offers["conda"].settings.get("default-channels") == (None if name == "ustc" else defaults)


def test_what_goes_down_together(catalogue: Catalogue) -> None:
    domains = {name: template(name, catalogue, DIRECTORIES).failure_domain for name in NAMES}
    fed_by_tuna = {"tsinghua", "bfsu", "ustc", "zju", "sustech", "china"}
    assert {name for name, domain in domains.items() if domain == "tsinghua"} == fed_by_tuna
    assert all(domains[name] == name for name in NAMES if name not in fed_by_tuna)


def test_partners_for_failover_are_there_and_go_down_by_themselves(catalogue: Catalogue) -> None:
    profiles = {name: template(name, catalogue, DIRECTORIES) for name in NAMES}
    for name in (*SITES, "china"):
        partners = [profiles[partner] for partner in profiles[name].failover]
        assert partners[-1].name == "official"
        assert profiles[name].failure_domain not in {partner.failure_domain for partner in partners}
    assert not profiles["harbor"].failover  # which public mirror an organization goes to is its own to say


def test_china_is_tsinghua_with_another_docker(catalogue: Catalogue) -> None:
    china, tsinghua = read("china", catalogue), read("tsinghua", catalogue)
    assert china.offers["docker"].settings == {"registry-mirrors": ("https://docker.m.daocloud.io",)}
    assert {**china.offers, "docker": None} == {**tsinghua.offers, "docker": None}


def test_official_names_no_address(catalogue: Catalogue) -> None:
    assert all(offer.default for offer in read("official", catalogue).offers.values())
    assert "://" not in (builtin() / "official.toml").read_text("utf-8")


def test_harbor_with_its_host_alone(catalogue: Catalogue) -> None:
    profile = read("harbor", catalogue, host="harbor.acme.example")
    assert all(offer.unavailable for tool, offer in profile.offers.items() if tool not in DOORS)
    mirrors = {"registry-mirrors": ("https://harbor.acme.example/dockerhub",)}
    assert profile.offers["podman"].settings == mirrors
    assert profile.offers["containerd"].settings == {**mirrors, "resolve": True}
    assert "harbor.acme.example/dockerhub/library/NAME" in str(profile.offers["docker"].unavailable)
    assert profile.titles["en"] == "Harbor at harbor.acme.example"
    assert profile.ca_file is None


def test_harbor_with_all_that_stands_beside_it(catalogue: Catalogue) -> None:
    profile = read(
        "harbor",
        catalogue,
        host="harbor.acme.example",
        mirror_host="hub.acme.example",
        pip_index="https://nexus.acme.example/repository/pypi/simple",
        conda_base="https://nexus.acme.example/repository/conda",
        ca_file="/etc/ssl/certs/acme.pem",
    )
    assert profile.ca_file == "/etc/ssl/certs/acme.pem"
    assert profile.offers["docker"].settings == {"registry-mirrors": ("https://hub.acme.example",)}
    assert profile.offers["pip"].settings == {
        "index-url": "https://nexus.acme.example/repository/pypi/simple"
    }
    base = "https://nexus.acme.example/repository/conda"
    assert profile.offers["conda"].settings == {
        "default-channels": (f"{base}/pkgs/main", f"{base}/pkgs/r"),
        "custom-channels": {"conda-forge": f"{base}/cloud"},
    }
