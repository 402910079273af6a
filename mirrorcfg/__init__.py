"""Point pip, conda and docker at a package mirror with one command, and take it back byte for byte."""

__version__ = "0.1.0"
