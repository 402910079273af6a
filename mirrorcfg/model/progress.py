"""What is being waited for, told to whoever wants to see it."""

from __future__ import annotations


class Progress:
    """Told what takes its time; this one tells nobody."""

    def doing(self, what: str, total: int = 0) -> None:
        """Something begins: a sentence, and how many pieces it has, if it has any."""

    def came(self) -> None:
        """One of the pieces is here."""

    def rest(self) -> None:
        """Nothing is waited for any more, or somebody else writes now."""


SILENT = Progress()
