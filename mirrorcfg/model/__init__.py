"""The nouns of mirrorcfg as frozen dataclasses: no I/O, no tool, no format."""
