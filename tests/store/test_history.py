"""Generations, images, and what they cost."""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mirrorcfg.errors import MirrorcfgError
from mirrorcfg.files.posix import RealDisk
from mirrorcfg.model.plan import Change, Plan
from mirrorcfg.store import Store, digest, sealed
from tests.crash.disk import MemoryDisk
from tests.store.workshop import Workshop


def test_an_edit_between_two_generations_is_noted(shop: Workshop) -> None:
    path = shop.write("a", b"origin")
    shop.commit(("a", b"one"))
    path.write_bytes(b"their edit")
    shop.commit(("a", b"two"))
    kept = shop.commit(("a", b"three"), ("b", b"else")).files[str(path)]
    assert (kept.origin, kept.before, kept.after) == tuple(map(digest, (b"origin", b"two", b"three")))
    assert kept.foreign == 2
    assert shop.store.generation(2).files[str(path)].before == digest(b"their edit")
    assert shop.store.images(digest(b"their edit")) == (b"their edit",)


def test_files_out_of_the_plan_are_carried_on(shop: Workshop) -> None:
    shop.commit(("a", b"one"))
    kept = shop.commit(("b", b"two")).files[str(shop.base / "a")]
    assert (kept.origin, kept.before, kept.after, kept.changed) == (
        None,
        digest(b"one"),
        digest(b"one"),
        False,
    )


def test_generation_zero_is_what_was_there_before(shop: Workshop) -> None:
    shop.write("a", b"origin")
    shop.commit(("a", b"one"))
    shop.commit(("b", b"two"))
    files = shop.store.generation(0).files
    assert {Path(path).name: kept.after for path, kept in files.items()} == {
        "a": digest(b"origin"),
        "b": None,
    }


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_there_is_no_such_generation(shop: Workshop, number: int) -> None:
    shop.commit(("a", b"one"))
    with pytest.raises(MirrorcfgError) as caught:
        shop.store.generation(number)
    assert caught.value.code == "no-such-generation"


def test_images_are_private_and_there_once(shop: Workshop) -> None:
    for data in (b"one", b"two", b"one", b"two"):
        shop.commit(("a", data), ("b", data))
    objects = shop.store.directory / "objects"
    files = [path for path in objects.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    directories = {path.parent for path in files} | {objects, shop.store.directory}
    assert {stat.S_IMODE(path.stat().st_mode) for path in directories} == {0o700}


def test_the_retention_keeps_the_origin_and_what_is_still_referred_to(tmp_path: Path) -> None:
    shop = Workshop(tmp_path, keep=3)
    shop.write("a", b"origin")
    for number in range(1, 11):
        shop.commit(("a", b"%d" % number))
    assert [generation.number for generation in shop.store.history()] == [10, 9, 8]
    assert sorted(path.name for path in (shop.store.directory / "generations").iterdir()) == [
        "10.json",
        "8.json",
        "9.json",
    ]
    images = [path for path in (shop.store.directory / "objects").rglob("*") if path.is_file()]
    assert sorted(path.read_bytes() for path in images) == [b"10", b"7", b"8", b"9", b"origin"]
    with pytest.raises(MirrorcfgError):
        shop.store.generation(7)


def test_at_least_two_generations_are_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two"):
        Workshop(tmp_path, keep=1)


@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_damaged_record_stops_nothing_else(shop: Workshop, damage: bytes | None) -> None:
    for data in (b"one", b"two", b"three"):
        shop.commit(("a", data))
    record = shop.store.directory / "generations" / "2.json"
    if damage is None:
        record.unlink()
    else:
        record.write_bytes(record.read_bytes()[:100] + damage)
    assert shop.store.head() is not None
    assert [generation.number for generation in shop.store.history()] == [3, 1]
    assert [error.path for error in shop.store.damaged()] == [str(record)]
    with pytest.raises(MirrorcfgError) as caught:
        shop.store.generation(2)
    assert caught.value.code == "history-damaged"
    assert shop.commit(("a", b"four")).number == 4


def test_a_damaged_head_is_made_up_for(shop: Workshop) -> None:
    for data in (b"one", b"two"):
        shop.commit(("a", data))
    (shop.store.directory / "head").write_bytes(b"torn")
    head = shop.store.head()
    assert head is not None
    assert head.number == 2
    assert shop.commit(("a", b"three")).number == 3


def test_a_damaged_image_is_found_out_and_mended_by_the_next_one_like_it(shop: Workshop) -> None:
    shop.commit(("a", b"one"))
    key = digest(b"one") or ""
    place = shop.store.directory / "objects" / key[:2] / key[2:]
    place.write_bytes(b"0ne")
    with pytest.raises(MirrorcfgError) as caught:
        shop.store.images(key)
    assert caught.value.code == "image-lost"
    shop.commit(("a", b"two"))
    assert shop.store.images(key) == (b"one",)


def as_before(state: Path) -> None:
    """The records as versions wrote them that remembered a profile for a tool, and not for a file."""
    for record in (state / "head", *(state / "generations").iterdir()):
        content = sealed.unseal(record.read_bytes())
        for kept in content.get("generation", content)["files"].values():
            del kept["profile"], kept["scope"]
        record.write_bytes(sealed.seal(content))


def named(shop: Workshop, number: int | None = None) -> dict[str, str | None]:
    """The profile of each file after a generation, or after the latest."""
    generation = shop.store.head() if number is None else shop.store.generation(number)
    assert generation is not None
    return {Path(path).name: kept.profile for path, kept in generation.files.items()}


def switch(shop: Workshop, name: str, data: bytes | None, tools: dict[str, str]) -> None:
    plan = shop.plan((name, data))
    with shop.store.locked():
        shop.store.commit(plan, command="use", tools=tools)


def test_a_record_of_an_earlier_version_says_which_file_was_set_to_what(shop: Workshop) -> None:
    shop.write("beside", b"theirs")
    switch(shop, "user", b"one", {"pip": "one"})
    switch(shop, "system", b"two", {"pip": "two"})
    switch(shop, "beside", b"theirs", {"pip": "two"})
    switch(shop, "user", None, {"pip": "two"})
    as_before(shop.store.directory)
    assert named(shop, 2) == {"user": "one", "system": "two"}
    assert named(shop, 3) == {"user": "one", "system": "two", "beside": None}
    assert named(shop) == {"user": None, "system": "two", "beside": None}
    # It goes on from there, and what was found out is written down.
    switch(shop, "other", b"x", {"pip": "two"})
    for record in (shop.store.directory / "generations").glob("[1-4].json"):
        record.unlink()
    assert named(shop) == {"user": None, "system": "two", "beside": None, "other": None}


def test_an_earlier_record_of_a_default_that_leaves_nothing(shop: Workshop) -> None:
    switch(shop, "user", b"one", {"pip": "one"})
    switch(shop, "user", None, {"pip": "official"})
    as_before(shop.store.directory)
    assert named(shop) == {"user": "official"}


def test_earlier_records_that_are_gone_or_forged_end_the_search(shop: Workshop) -> None:
    switch(shop, "user", b"one", {"pip": "one"})
    switch(shop, "system", b"two", {"pip": "two"})
    switch(shop, "else", b"x", {"pip": "two"})
    as_before(shop.store.directory)
    records = shop.store.directory / "generations"
    (records / "1.json").unlink()
    (records / "2.json").write_bytes((records / "3.json").read_bytes())
    assert named(shop) == {"user": None, "system": None, "else": "two"}


class Counting(RealDisk):
    """Counts what the store asks of the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "calls":
            self.calls[name] += 1
        return super().__getattribute__(name)


def cost(base: Path, generations: int) -> tuple[Counter[str], Counter[str]]:
    """What a look at the head, and one more generation, ask of the disk."""
    disk = Counting()
    shop = Workshop(base, disk=disk, keep=20_000)
    shop.write("a", b"origin")
    shop.commit(("a", b"one"))
    head = shop.store.head()
    assert head is not None
    records = shop.store.directory / "generations"
    for number in range(2, generations + 1):
        (records / f"{number}.json").write_bytes(b"")
    content = sealed.unseal((shop.store.directory / "head").read_bytes())
    content["generation"]["number"] = generations
    (shop.store.directory / "head").write_bytes(sealed.seal(content))
    disk.calls.clear()
    assert shop.store.head() is not None
    look = disk.calls.copy()
    disk.calls.clear()
    assert shop.commit(("a", b"two")).number == generations + 1
    return look, disk.calls


def test_ten_thousand_generations_cost_what_one_does(tmp_path: Path) -> None:
    one, many = cost(tmp_path / "one", 1), cost(tmp_path / "many", 10_000)
    assert one == many
    assert not {"names"} & (set(many[0]) | set(many[1]))


class Journey(RuleBasedStateMachine):
    """Switches, edits by hand and returns, in any order: what the history says is always what happened."""

    contents = st.one_of(st.none(), st.sampled_from([b"", b"a", b"b", b"c"]), st.binary(max_size=40))
    paths = st.sampled_from(["/etc/a", "/etc/b", "/home/x/y"])

    def __init__(self) -> None:
        super().__init__()
        self.disk = MemoryDisk()
        for path in ("/etc", "/home", "/var/lib"):
            self.disk.put(path)
        self.store = Store(Path("/var/lib/m"), allowed=lambda path: True, disk=self.disk, keep=4)
        self.past: dict[int, dict[str, bytes | None]] = {}
        self.origins: dict[str, bytes | None] = {}

    @initialize(data=contents)
    def begin(self, data: bytes | None) -> None:
        self.edit("/etc/a", data)

    @rule(path=paths, data=contents)
    def edit(self, path: str, data: bytes | None) -> None:
        if data is not None:
            self.disk.put(path, data)
        elif self.disk.lstat(Path(path)):
            self.disk.unlink(Path(path))

    @rule(goals=st.dictionaries(paths, contents, min_size=1), refused=st.booleans())
    def switch(self, goals: dict[str, bytes | None], refused: bool) -> None:
        before = {path: self.store.read(Path(path)) for path in goals}
        plan = Plan(tuple(Change("pip", Path(path), before[path], data) for path, data in goals.items()))
        known = self.store.head()
        with self.store.locked():
            try:
                generation = self.store.commit(plan, command="use", confirm=self._refuse if refused else None)
            except MirrorcfgError:
                assert {path: self.store.read(Path(path)) for path in goals} == before
                assert self.store.head() == known
                return
        for path, data in goals.items():
            assert self.store.read(Path(path)) == data
            if path in generation.files:
                self.origins.setdefault(path, before[path])
        self.past[generation.number] = {path: self.store.read(Path(path)) for path in generation.files}
        for path in generation.files:
            if path not in goals:
                self.past[generation.number][path] = self.past[generation.number - 1][path]

    def _refuse(self) -> None:
        raise MirrorcfgError("no", "no")

    @invariant()
    def the_history_is_whole(self) -> None:
        assert self.store.damaged() == []
        for generation in self.store.history():
            for path, kept in generation.files.items():
                assert kept.origin == digest(self.origins[path])
                assert kept.after == digest(self.past[generation.number][path])
                for key in (kept.origin, kept.before, kept.after):
                    assert key is None or digest(self.store.images(key)[0]) == key

    @invariant()
    def nothing_is_left_behind(self) -> None:
        assert not [path for path in self.disk.tree() if ".mirrorcfg-" in path or path.endswith("journal")]


def test_any_journey() -> None:
    run_state_machine_as_test(
        Journey,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
