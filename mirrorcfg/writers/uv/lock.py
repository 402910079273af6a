"""uv.lock: where packages came from when it was made.

Source of the rules: tried on uv 0.5.4 and 0.13.9. With `--frozen` uv takes each file from the address in the
lock. Else it asks its indexes of now: where the lock names one that isn't among them, it makes the lock anew,
which `--locked` forbids, so that it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

from mirrorcfg import formats
from mirrorcfg.model.lock import Lock, Named
from mirrorcfg.model.machine import Machine
from mirrorcfg.sentence import sentence
from mirrorcfg.wording import listed
from mirrorcfg.writers.uv import project
from mirrorcfg.writers.uv.variables import TRUE

NAME = "uv.lock"
_DOWNLOADING = ("sync", "run")
_LOCKING = (*_DOWNLOADING, "lock", "add", "remove", "export", "tree")
_UNLESS = {"--no-project", "--no-sync", "--script", "-s", "--help", "-h", "--offline"}
_VALUED = """
--allow-insecure-host --cache-dir --color --config-file --config-setting -C --default-index --directory
--env-file --exclude-newer --extra --extra-index-url -f --find-links --fork-strategy --group --index
--index-strategy --index-url -i --keyring-provider --link-mode --no-binary-package --no-build-package
--no-extra --no-group --only-group --output-file -o --format --package --prerelease --project --python
-p --python-platform --refresh-package --reinstall-package --resolution --upgrade-package -P --with
--with-editable --with-requirements -w
"""


class _Words:
    """A command of uv's: what it is to do, and the options that are uv's own."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.verb = ""
        self.options: dict[str, str] = {}
        words = iter(argv[3:] if argv[1:2] == ["-m"] else argv[1:])
        for word in words:
            if word == "--":
                break
            if word.startswith("-"):
                name, equals, value = word.partition("=")
                self.options[name] = value if equals else next(words, "") if name in _VALUED.split() else ""
            elif not self.verb:
                self.verb = word
            elif self.verb == "run":  # from here on they are another program's
                break


def place(machine: Machine, argv: Sequence[str]) -> PurePath | None:
    """The lock of the project that this command is for; None where it looks at none."""
    words = _Words(argv)
    at = project.directory(machine)
    if at is None or words.verb not in _LOCKING or _UNLESS & words.options.keys():
        return None
    for option in ("--directory", "--project"):
        at = at / words.options.get(option, "")
    return next((folder / NAME for folder in (at, *at.parents) if machine.is_file(folder / NAME)), None)


def names(
    text: str, argv: Sequence[str], environ: Mapping[str, str], asked: Sequence[str], profile: str
) -> Named | None:
    """What this command makes of a lock that names other indexes than are asked. Raises FormatError."""
    words, packages = _Words(argv), formats.toml.read(text).get("package")
    packages = [each for each in packages if isinstance(each, dict)] if isinstance(packages, list) else []
    known = {each.rstrip("/") for each in asked}
    registries = [each for each in _registries(packages) if each.rstrip("/") not in known]
    if not registries or not asked:
        return None
    hosts = listed(dict.fromkeys(_hosts(registries, packages)))
    anew = sentence("uv lock makes it anew with {profile}", profile=profile)
    if "--frozen" in words.options or environ.get("UV_FROZEN", "").lower() in TRUE:
        if words.verb not in _DOWNLOADING:
            return None
        what = sentence(
            "{file} names {hosts}, and a frozen uv takes all from there, not from {profile}.",
            file=NAME,
            hosts=hosts,
            profile=profile,
        )
        return Named(what, anew, pinned=True)
    if {"--locked", "--check"} & words.options.keys() or environ.get("UV_LOCKED", "").lower() in TRUE:
        what = sentence(
            "{file} names {hosts} and not {profile}, so uv fails: --locked doesn't let it be made anew.",
            file=NAME,
            hosts=hosts,
            profile=profile,
        )
        return Named(what, anew)
    what = sentence(
        "{file} names {hosts}; uv resolves anew with {profile}, and {file} will name that.",
        file=NAME,
        hosts=hosts,
        profile=profile,
    )
    return Named(what, sentence("--frozen leaves it as it is, and takes all from there"))


LOCK = Lock(place, names)


def _registries(packages: Iterable[Mapping[str, object]]) -> Iterable[str]:
    """The indexes that packages are from."""
    for each in packages:
        source = each.get("source")
        registry = source.get("registry") if isinstance(source, Mapping) else None
        if isinstance(registry, str) and "://" in registry:
            yield registry


def _hosts(registries: Iterable[str], packages: Iterable[Mapping[str, object]]) -> Iterable[str]:
    """Where those packages' files are, too."""
    others = set(registries)
    for each in packages:
        registry = next(iter(_registries([each])), None)
        if registry not in others:
            continue
        yield urlsplit(registry).netloc.rpartition("@")[2]
        wheels, sdist = each.get("wheels"), each.get("sdist")
        for file in (*(wheels if isinstance(wheels, list) else ()), sdist):
            if isinstance(file, Mapping) and isinstance(url := file.get("url"), str) and "://" in url:
                yield urlsplit(url).netloc.rpartition("@")[2]
