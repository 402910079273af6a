"""The nouns of mirrorcfg as immutable tuples with names: no I/O, no tool, no format.

NamedTuple rather than a frozen dataclass: a tenth of the time to define, and every command defines them.
"""
