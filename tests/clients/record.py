"""`python -m tests.clients.record conda --program PYTHON`: what the conda in that Python asks, world by world.

What is conda's own (the alias and the channels it ships with) is kept as `?name`, so that no address of theirs
stands here. The answers go into conda.json, with conda's version.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.clients.conda_worlds import world

ANSWERS = Path(__file__).with_name("conda.json")
WORLDS = 600
_DRIVER = """
import json, os, sys
import conda
from conda.base.constants import DEFAULT_CHANNEL_ALIAS, DEFAULT_CHANNELS
from conda.base.context import context, reset_context
from conda.models.channel import Channel, all_channel_urls

def plain(url):
    base = url.rpartition("/")[0]
    if base in DEFAULT_CHANNELS:
        return "?defaults"
    own = DEFAULT_CHANNEL_ALIAS.rstrip("/") + "/"
    return "?" + base[len(own):] if base.startswith(own) else base

print(json.dumps(conda.__version__), flush=True)
for line in sys.stdin:
    environ, prefix = json.loads(line)
    for name in list(os.environ):
        if name.startswith("CONDA") or name in ("HOME", "XDG_CONFIG_HOME"):
            del os.environ[name]
    sys.prefix = os.environ["CONDA_ROOT"] = prefix
    os.environ.update(environ)
    reset_context()
    Channel._reset_state()
    print(json.dumps(list(dict.fromkeys(map(plain, all_channel_urls(context.channels))))), flush=True)
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("client", choices=["conda"])
    options.add_argument("--program", required=True, help="a Python that can import conda")
    options.add_argument("--worlds", type=int, default=WORLDS)
    told = options.parse_args()
    process = subprocess.Popen(
        [told.program, "-c", _DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    answers = {"conda": json.loads(process.stdout.readline()), "asked": []}
    for number in range(told.worlds):
        with tempfile.TemporaryDirectory() as folder:
            environ = world(number).build(Path(folder))
            process.stdin.write(json.dumps([environ, f"{folder}/prefix"]) + "\n")
            process.stdin.flush()
            answers["asked"].append(json.loads(process.stdout.readline()))
    lines = ",\n".join(json.dumps(each) for each in answers["asked"])
    ANSWERS.write_text(f'{{"conda": {json.dumps(answers["conda"])}, "asked": [\n{lines}\n]}}\n')
    print(f"{told.worlds} worlds, conda {answers['conda']}", file=sys.stderr)


if __name__ == "__main__":
    main()
