"""No password gets out, and no environment turns verification off."""

from __future__ import annotations

import base64
import logging
from dataclasses import replace

import pytest

from mirrorcfg.model.verdict import Probe
from tests.conformance.cases import CASES, Case
from tests.conformance.lab import SUBDIR, Lab, ask

SECRET = "planted-secret"
LOGINS = [case for case in CASES if case.login or SECRET in str(case.environ)]
REFUSED = (
    "login-missing",
    "token-account",
    "loop",
    "to-dead",
    "bad-json",
    "garbage",
    "stranger-pip",
    "refused",
)


def told(lab: Lab, case: Case, probe: Probe) -> str:
    """All that the verifier says, where a caller and a log can see it."""
    from tests.asking import verify

    seen: list[str] = []
    verdicts = verify(
        [probe],
        timeout=3,
        environ=lab.environ(case),
        subdir=SUBDIR,
        on_verdict=lambda verdict: seen.append(_shown(verdict)),
    )
    return "\n".join([*seen, *map(_shown, verdicts)])


def _shown(verdict: object) -> str:
    """Without the probe, whose address is the caller's own."""
    return repr(replace(verdict, probe=None))  # type: ignore[type-var]


@pytest.mark.parametrize("case", LOGINS, ids=lambda case: case.name)
def test_logins_stay_inside(
    case: Case, lab: Lab, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = told(lab, case, lab.probe(case))
    out, err = capfd.readouterr()
    assert SECRET not in said + out + err + caplog.text
    encoded = base64.b64encode(b"robot:planted-secret-of-the-robot").decode()
    assert encoded not in said + out + err + caplog.text


@pytest.mark.parametrize("name", REFUSED)
def test_logins_in_addresses_stay_inside(
    name: str, lab: Lab, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    case = next(case for case in CASES if case.name == name)
    caplog.set_level(logging.DEBUG)
    probe = lab.probe(case)
    said = told(
        lab, case, replace(probe, url=probe.url.replace("://", f"://robot:{SECRET}@"), authorization=None)
    )
    out, err = capfd.readouterr()
    assert SECRET not in said + out + err + caplog.text


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("stranger-")], ids=lambda case: case.name
)
def test_no_variable_turns_verification_off(case: Case, lab: Lab) -> None:
    off = {
        "PYTHONHTTPSVERIFY": "0",
        "CURL_CA_BUNDLE": "",
        "REQUESTS_CA_BUNDLE": "",
        "PIP_TRUSTED_HOST": "localhost",
    }
    off |= {
        "SSL_NO_VERIFY": "1",
        "CONDA_SSL_VERIFY": "false",
        "UV_INSECURE_HOST": "localhost",
        "GIT_SSL_NO_VERIFY": "1",
    }
    off |= {"SSL_CERT_FILE": str(lab.authority.ca), "NODE_TLS_REJECT_UNAUTHORIZED": "0"}
    answer = ask([lab.probe(case)], {"timeout": 3, "environ": off, "subdir": SUBDIR}, environ=off)
    assert answer["verdicts"][0]["code"] == "tls-untrusted-ca"


def test_a_variable_may_add_trust(lab: Lab) -> None:
    case = next(case for case in CASES if case.name == "untrusted")
    trust = {"SSL_CERT_FILE": str(lab.authority.ca)}
    answer = ask([lab.probe(case)], {"timeout": 5, "environ": trust}, environ=trust)
    assert answer["verdicts"][0]["code"] == "ok"
