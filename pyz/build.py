"""Build dist/mirrorcfg.pyz, or the file named: mirrorcfg and all it needs, for any Python from 3.11 on.

The same content gives the same bytes: names sorted, times fixed, no bytecode, nothing of where it was built.
The standard library's zipapp takes times, their zone and modes from the disk, so the archive is written here.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
LAUNCHER = Path(__file__).with_name("launch.py")
PACKED = "site"
COMPILED = ("backports.zstd",)  # of the dependencies; mirrorcfg works without
# Nothing but wheels that any Python on any machine can use, chosen for the oldest one.
PURE = ["--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", "--python-version=3.11"]
INSTALL = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile", "--target"]
OF_THE_INSTALLATION = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
EPOCH = 315532800  # 1980, the first year of zip


def main() -> None:
    """Build it, and say what it is."""
    with tempfile.TemporaryDirectory(prefix="mirrorcfg-pyz-") as folder:
        install(Path(folder))
        files = packed(Path(folder))
    target = Path(sys.argv[1]) if sys.argv[1:] else CHECKOUT / "dist" / "mirrorcfg.pyz"
    target.parent.mkdir(exist_ok=True)
    write(target, files)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(f"{digest}  {target}")


def install(folder: Path) -> None:
    """mirrorcfg and its dependencies, by name and by the pip of this Python."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    needed = [each for each in project["dependencies"] if not each.startswith(COMPILED)]
    for words in ([*PURE, *needed], ["--no-deps", str(CHECKOUT)]):
        subprocess.run([sys.executable, *INSTALL, str(folder), *words], check=True)


def packed(folder: Path) -> dict[str, bytes]:
    """What goes in, by its name in the archive: all that packages brought but programs and manuals."""
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        of_the_installation = name.parts[0].endswith(".dist-info") and name.name in OF_THE_INSTALLATION
        if path.is_file() and not of_the_installation and name.parts[0] not in ("bin", "share"):
            files[f"{PACKED}/{name.as_posix()}"] = path.read_bytes()
    return files


def write(target: Path, files: Mapping[str, bytes]) -> None:
    """An executable archive of `files`, started by the launcher."""
    content = hashlib.sha256()
    for name, data in sorted(files.items()):
        content.update(f"{name}\0{len(data)}\0".encode() + data)
    version = next(name.split("-")[1] for name in sorted(files) if name.startswith(f"{PACKED}/mirrorcfg-"))
    key = f"{version.removesuffix('.dist')}-{content.hexdigest()[:16]}"
    launcher = LAUNCHER.read_text().replace('KEY = ""', f'KEY = "{key}"', 1)
    when = time.gmtime(max(EPOCH, int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))))[:6]
    new = target.with_suffix(".new")
    with new.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, data in [("__main__.py", launcher.encode()), *sorted(files.items())]:
                entry = zipfile.ZipInfo(name, when)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system, entry.external_attr = 3, 0o644 << 16
                archive.writestr(entry, data)
    new.chmod(0o755)
    new.replace(target)


if __name__ == "__main__":
    main()
