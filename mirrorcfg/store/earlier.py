"""Records of earlier versions, which remembered a profile for a tool and not for the file that was set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mirrorcfg.model.generation import Generation, Kept


def told(
    generation: Generation, files: Mapping[str, object], record: Callable[[int], Generation | None]
) -> Generation:
    """The same with the profile of each file, as far as the history can tell; `files` as the record has them.

    `record` gives another one as it was read, None where there is none any more.
    """
    if all(isinstance(kept, Mapping) and "profile" in kept for kept in files.values()):
        return generation
    named = {
        path: kept._replace(profile=_profile(generation, path, kept, record))
        for path, kept in generation.files.items()
    }
    return generation._replace(files=named)


def _profile(
    generation: Generation, path: str, kept: Kept, record: Callable[[int], Generation | None]
) -> str | None:
    """That of the tool when the file was last changed; a file that was taken back has none."""
    name = generation.tools.get(kept.tool)
    files = generation.files.items()
    ours = [each for each, other in files if other.tool == kept.tool and other.after != other.origin]
    if name is None or path not in ours:
        return None if ours else name  # the tool's default leaves nothing of ours behind
    if ours == [path]:
        return name
    then: Generation | None = generation
    while then is not None and not (path in then.files and then.files[path].changed):
        then = record(then.number - 1)
    return then.tools.get(kept.tool) if then else None
