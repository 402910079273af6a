"""Texts made to be dear: pieces of each format's syntax in any number, and graphs of aliases.

Each is read, edited and undone in a process that the kernel ends at a limit: no clock is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorcfg.errors import FormatError
from mirrorcfg.formats import budget, json, toml, yaml
from mirrorcfg.formats.text import changed
from tests.fuzz.confined import Confined

SECONDS, BYTES = 6, 1 << 30  # some four times what the dearest takes here; 64 KiB of dots took 44 s and 4 GB
SIZE = 1 << 16
FEW = settings(max_examples=60)

PIECES = {
    "condarc": "[ ] { } {a:_ -_ ?_ &a_ *a_ a:_ <<:_*a| | x_ __ #| 1 ' \" \\ || ||| , !!str_ !!binary_ 1: .5 é ---| %TAG_!_x|",
    "uvtoml": "a .a . [ ] [[a]]| {a= } = 1 1_ 0x ' \" ''' \"\"\" \\ , | # _ a=1| [a.b]| a.b.c=1| \"a\". é ''| =[]|",
    "daemon": '{"a": [ ] } , 1 1e -1 0. " \\ \\\\ "a": "x", [], {}, \\ud83d NaN _ | true {"a":1}, é',
    "pipconf": "[ ] [s]| [DEFAULT]| a=b| a | = : _ __x| # ; x -- | _a=| a_ é \\t",
    "certificates": "-----BEGIN_CERTIFICATE-----| -----END_CERTIFICATE-----| MAA=| A = - | _ é PRIVATE_KEY-----",
    "profile": '[a.b]| a.b=1| ${a} ${ "x" [variables]| a=""| b="${a}${a}"| [pip]| [docker]| registry-mirrors=[ "https://a/", ] [] {a= } 9',
}
HEADS = {"profile": 'schema = 1\nname = "acme"\n', "daemon": '{"a": ', "pipconf": "[global]\n"}


@pytest.fixture(scope="module")
def confined() -> Iterator[Confined]:
    process = Confined(SECONDS, BYTES)
    yield process
    process.close()


def texts(name: str) -> st.SearchStrategy[bytes]:
    """Some pieces, written again and again; some more; and so on."""
    pieces = [piece.replace("_", " ").replace("|", "\n") for piece in PIECES[name].split()]
    repeated = st.builds(
        lambda some, many: ("".join(some) * many)[:SIZE],
        st.lists(st.sampled_from(pieces), min_size=1, max_size=4),
        st.sampled_from([1, 1, 2, 60, 70, 1000, 20_000, 60_000]),
    )
    head = HEADS.get(name, "")
    return st.lists(repeated, min_size=1, max_size=5).map(
        lambda parts: (head + "".join(parts)).encode()[:SIZE]
    )


@pytest.mark.parametrize("name", PIECES)
def test_no_text_is_dear(name: str, confined: Confined) -> None:
    @FEW
    @given(texts(name))
    def holds(data: bytes) -> None:
        assert confined.run(name, data) == "ok"

    holds()


@FEW
@given(
    st.lists(st.tuples(st.booleans(), st.lists(st.integers(1, 3), max_size=9)), min_size=1, max_size=120),
    st.booleans(),
)
def test_no_graph_of_aliases_is_dear(
    confined: Confined, rows: list[tuple[bool, list[int]]], looped: bool
) -> None:
    lines = ["a0: &a0 {k: v}" if not looped else "a0: &a0 {k: *a0}"]
    for number, (merges, back) in enumerate(rows, 1):
        below = ", ".join(f"*a{max(0, number - each)}" for each in back)
        lines.append(
            f"a{number}: &a{number}\n  <<: [{below}]\n  k{number}: v"
            if merges
            else f"a{number}: &a{number} {{{', '.join(f'k{at}: *a{max(0, number - each)}' for at, each in enumerate(back))}}}"
        )
    assert confined.run("condarc", "\n".join([*lines, ""]).encode()) == "ok"


@FEW
@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
    st.integers(1, 300),
)
def test_no_two_texts_are_dear_to_compare(
    confined: Confined, old: list[str], new: list[str], many: int
) -> None:
    data = "\n".join([*old * many, "--", *new * many])
    assert confined.run("difference", data.encode()) == "ok"


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_what_changed_leads_from_one_to_the_other(old: list[str], new: list[str]) -> None:
    made = old[:]
    for start, end, first, last in reversed(changed(old, new)):
        made[start:end] = new[first:last]
    assert made == new


@pytest.mark.parametrize(
    ("judge", "text", "code", "place"),
    [
        (budget.toml, "x = 1\na" + ".a" * 65 + " = 1\n", "too-deep", (2, 130)),
        (budget.toml, "x = [\n1,\n" + "9" * 401 + "]\n", "too-complex", (3, 1)),
        (budget.toml, "#" * (256 * 1024 + 1), "file-too-large", (1, 1)),
        (budget.yaml, "a: b\nc: " + "[" * 65, "too-deep", (2, 68)),
        (budget.json, '{"a":\n' + "[" * 64, "too-deep", (2, 64)),
        (budget.ini, "[global]\na" + " " * 100 + "b = c\n", "too-complex", (2, 2)),
        (budget.pem, "x" * (2 << 20) + "x", "file-too-large", (1, 1)),
    ],
)
def test_a_refusal_names_the_place(judge: object, text: str, code: str, place: tuple[int, int]) -> None:
    with pytest.raises(FormatError) as refused:
        judge(text)  # type: ignore[operator]
    assert (refused.value.code, (refused.value.line, refused.value.column)) == (code, place)


def test_what_people_write_is_within_it() -> None:
    plugin = '[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["https://a.b.c.d.e"]\n'
    assert toml.read(plugin + f"# {'.' * 500}\nx = '''\n{'.' * 500}'''\ny = [{'1.5, ' * 500}]\n")
    assert toml.read("x = " + "[" * 20 + "]" * 20)
    assert yaml.read("a: &a {b: c}\n" + "".join(f"k{number}:\n  <<: *a\n  d: [e]\n" for number in range(900)))
    assert yaml.read("a: '" + "[" * 60 + "'\nb: " + "0123456789" * 39 + "\n")
    assert json.read('{"a": "' + "[" * 500 + '", "b": [' + '{"c": [1.5]},' * 9000 + "0]}")
