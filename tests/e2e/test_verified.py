"""`use` asks the real servers first: a good one is written and the real pip downloads, a bad one is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import parts
from tests.conformance.cases import CASES, Case
from tests.conformance.lab import Lab
from tests.sandbox import Sandbox, environment

GOOD = next(
    case for case in CASES if case.tool == "pip" and case.code == "ok" and case.works and not case.network
)
BLOCKED = next(case for case in CASES if case.code == "http-403-client-blocked" and case.tool == "pip")
CHANNEL = next(case for case in CASES if case.tool == "conda" and case.code == "ok" and not case.network)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    parts.root()
    lab = Lab(tmp_path_factory.mktemp("lab"), [GOOD, BLOCKED, CHANNEL])
    try:
        yield lab.start()
    finally:
        lab.stop()


def profile(box: Sandbox, lab: Lab, name: str, case: Case, extra: str = "") -> None:
    probe = lab.probe(case)
    box.profile(name, f'[tls]\nca-file = "{probe.ca_file}"\n[pip]\nindex-url = "{probe.url}"\n{extra}')


def test_a_source_that_passes_is_written_and_pip_downloads_from_it(box: Sandbox, lab: Lab) -> None:
    channel = lab.probe(CHANNEL).url
    profile(box, lab, "good", GOOD, f'[conda]\ndefault-channels = ["{channel}"]\n')
    box.run("use", "good", "--tool", "pip", "--tool", "conda", "--verify", code=0)
    answer = box.json("verify", "--tool", "pip", "--tool", "conda")
    assert {(source["tool"], source["code"]) for source in answer["data"]["sources"]} >= {
        ("pip", "ok"),
        ("conda", "ok"),
    }
    environ = environment() | {"HOME": str(box.home), "XDG_CONFIG_DIRS": str(box.folder / "xdg")}
    argv = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(box.folder / "got"), "six"]
    done = subprocess.run(argv, env=environ, cwd=box.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Looking in indexes: {lab.probe(GOOD).url}" in done.stdout
    assert "ssl_verify" in box.condarc.read_text()
    box.run("undo", code=0)
    assert not box.pip_conf.exists()


def test_a_source_that_blocks_pip_is_not_written_and_the_hint_is_one_that_works(
    box: Sandbox, lab: Lab
) -> None:
    own = box.write(box.pip_conf, "[global]\ntimeout = 5\n")
    profile(box, lab, "good", GOOD)
    profile(box, lab, "blocked", BLOCKED)
    answer = box.json("use", "blocked", "--tool", "pip", "--verify", "--timeout", "5", code=3)
    assert answer["error"]["code"] == "http-403-client-blocked"
    assert "mirrorcfg use " in answer["error"]["hint"]
    assert box.pip_conf.read_bytes() == own
    done = box.run("verify", "good", "blocked", "--tool", "pip", code=3)
    assert "http-403-client-blocked" in done.out


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_pip_takes_instead_of_the_profiles_ca_is_named(
    box: Sandbox, lab: Lab, variable: str
) -> None:
    profile(box, lab, "good", GOOD)
    bundle = {variable: "/etc/ssl/certs/ca-certificates.crt"}
    answer = box.json("use", "good", "--tool", "pip", environ=bundle, code=3)
    assert answer["data"]["tools"]["pip"]["shadowed_by"] == [variable]
    environ = environment() | {"HOME": str(box.home), "XDG_CONFIG_DIRS": str(box.folder / "xdg")} | bundle
    argv = [sys.executable, "-m", "pip", "download", "--retries", "0", "--no-deps", "-d", "got", "six"]
    done = subprocess.run(argv, env=environ, cwd=box.folder, capture_output=True, text=True)
    assert "CERTIFICATE_VERIFY_FAILED" in done.stdout + done.stderr


def test_no_verify_says_so(box: Sandbox, lab: Lab) -> None:
    profile(box, lab, "blocked", BLOCKED)
    answer = box.json("use", "blocked", "--tool", "pip")
    assert "not-verified" in [finding["code"] for finding in answer["findings"]]


def test_a_name_that_the_alias_hasnt_is_refused_and_an_alias_that_nobody_asks_isnt_asked(
    box: Sandbox, lab: Lab
) -> None:
    """conda searches what `channels` say: one of them without noarch, and it stops (UnavailableInvalidChannel)."""
    probe = lab.probe(CHANNEL)
    above = probe.url.rpartition("/")[0]
    box.profile(
        "acme",
        f'[tls]\nca-file = "{probe.ca_file}"\n[conda]\ndefault-channels = ["{probe.url}"]\nchannel-alias = "{above}"\n',
    )
    box.write(box.condarc, "channels: [defaults, nvidia]\n")
    error = box.json("use", "acme", "--tool", "conda", "--verify", code=3)["error"]
    assert error["path"] == f"{above}/nvidia"
    assert box.condarc.read_text() == "channels: [defaults, nvidia]\n"
    box.json("use", "acme", "--tool", "conda")
    asked = [source["url"] for source in box.json("verify", "--tool", "conda", code=3)["data"]["sources"]]
    assert asked == [probe.url, f"{above}/nvidia"]
    box.write(
        box.condarc, box.condarc.read_text().replace("channels: [defaults, nvidia]", "channels: [defaults]")
    )
    asked = [source["url"] for source in box.json("verify", "--tool", "conda", code=0)["data"]["sources"]]
    assert asked == [probe.url]
