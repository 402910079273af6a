"""CA files: what is ours goes in and out, what is others' stays."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import pem
from mirrorcfg.formats.past import Past


def certificate(name: str) -> str:
    """As far as this module looks at it."""
    body = base64.b64encode(b"\x30" + name.encode() * 20).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


A, B, C = (certificate(name) for name in "abc")
NOTE = "# the head office's, bis M\xe4rz\r\n"
files = st.lists(
    st.sampled_from([A, B, C, A.replace("\n", "\r\n"), NOTE, "\n", "# last line"]), max_size=5
).map("".join)
ours = st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=2).map("".join)


def test_nobody_else_s_file_is_ours_as_it_is() -> None:
    assert pem.edit("", A) == A
    assert pem.edit(A, B, Past("", A)) == B
    assert pem.edit(A, None, Past("", A)) == ""


def test_ours_comes_behind_theirs() -> None:
    assert pem.edit(A, B) == A + B
    assert pem.edit(A.rstrip("\n"), B) == A + B
    assert pem.edit(A + B, C, Past(A, A + B)) == A + C


@pytest.mark.parametrize("theirs", [A, A.replace("\n", "\r\n"), NOTE + B + A])
def test_what_is_there_already_is_not_put_there_again(theirs: str) -> None:
    assert pem.edit(theirs, A) == theirs


def test_a_file_that_someone_put_in_the_place_of_ours_stays() -> None:
    assert pem.edit(B, None, Past("", A)) == B
    assert pem.edit(B, A, Past("", A)) == B + A


def test_what_someone_added_to_ours_stays() -> None:
    assert pem.edit(A + B, None, Past("", A)) == B
    assert pem.revert(A + B, A, "") == B
    assert pem.revert(B, "", A) in (A + B, B + A)


def test_whose_certificates_are_missing() -> None:
    assert pem.holds(B + A, A)
    assert not pem.holds(B, A)


@given(files, ours)
def test_put_in_and_taken_out_is_as_before(text: str, wanted: str) -> None:
    once = pem.edit(text, wanted)
    past = Past(text, once)
    assert pem.holds(once, wanted)
    assert pem.holds(once, text)
    assert pem.edit(once, wanted, past) == once
    assert pem.edit(once, None, past) == text
    assert pem.revert(once, once, text) == text


@given(files, ours, files)
def test_an_edit_of_someone_else_s_is_never_lost(text: str, wanted: str, added: str) -> None:
    once = pem.edit(text, wanted)
    later = once + added
    assert pem.holds(pem.edit(later, None, Past(text, once)), text)
    assert pem.edit(later, None, Past(text, once)).endswith(added)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ca-file-no-certificate"),
        (
            "-----BEGIN TRUSTED CERTIFICATE-----\nMA==\n-----END TRUSTED CERTIFICATE-----\n",
            "ca-file-no-certificate",
        ),
        ("0\x82\x01\x02", "ca-file-no-certificate"),
        (A.replace("END", "AND"), "ca-file-damaged"),
        (A[:60] + "!" + A[60:], "ca-file-damaged"),
        ("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", "ca-file-damaged"),
        (A + "-----BEGIN EC PRIVATE KEY-----\nMA==\n-----END EC PRIVATE KEY-----\n", "ca-file-has-key"),
    ],
)
def test_what_is_no_ca_file(text: str, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        pem.check(text)
    assert caught.value.code == code


def test_what_is_one() -> None:
    for text in (A, NOTE + A + B, A.replace("\n", "\r\n"), A.rstrip("\n")):
        pem.check(text)
