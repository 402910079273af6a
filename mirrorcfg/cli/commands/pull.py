"""`pull`: an image from the first mirror that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mirrorcfg.cli import options as o
from mirrorcfg.cli.answer import Answer
from mirrorcfg.cli.commands.image import Engine, Profile, Reference
from mirrorcfg.cli.language import _
from mirrorcfg.sentence import sentence

if TYPE_CHECKING:
    from mirrorcfg.ops.images.pull import Pulled

TASK = "images"
RANK = 140


def pull(
    reference: Reference,
    profile: Profile = None,
    engine: Engine = None,
    variables: o.Set = None,
    json: o.Json = False,
) -> Answer:
    """Pull an image from the first mirror that serves it.

    It is there under its own name afterwards.

    Pull one through the mirror in use, or through that of another profile:
      mirrorcfg pull python:3.12
      mirrorcfg pull python:3.12 --profile acme
    """
    host = o.host(None, waits=not json)
    from mirrorcfg.ops.images.pull import pull as run

    return Answer.of(run(host, reference, profile, o.pairs("--set", variables), engine), draw)


def draw(data: Pulled) -> Iterator[str]:
    """What was pulled, and from where."""
    yield _(sentence("{reference} from {image}", reference=data.reference, image=data.image))
