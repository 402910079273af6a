"""Decides which source to use when one stops working: pure, it asks nobody and reads no clock.

A look at the sources comes in as a `View`, what is remembered of the looks before it as a `Track`; out come a
`Decision` and the `Track` to remember. One tool at a time: a mirror can lose its channels and keep its index.
"""

from __future__ import annotations

from mirrorcfg.failover.decide import amiss, decide, needed, resumed
from mirrorcfg.failover.nouns import Candidate, Chain, Decision, Health, Rules, Sight, Track, View

__all__ = [
    "Candidate",
    "Chain",
    "Decision",
    "Health",
    "Rules",
    "Sight",
    "Track",
    "View",
    "amiss",
    "decide",
    "needed",
    "resumed",
]
