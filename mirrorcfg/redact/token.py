"""Tokens that tell what they are: a service's by how they begin, HTTP's by the word before them."""

from __future__ import annotations

import re

from mirrorcfg.redact import MASK

# What services begin their tokens with, so that those who find one can tell whose it is.
_TOKENS = r"""(?x)(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,}
    |gl(?:pat|dt|rt|cbt|ptt|soat|ft)-[\w.-]{10,}
    |pypi-AgE[\w-]{4,}|hf_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|AKID[A-Za-z0-9]{13,}
    |LTAI[A-Za-z0-9]{8,}|xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}|sk-(?=[\w-]{0,256}[0-9A-Z])[\w-]{16,}
    |[rs]k_(?:live|test)_\w{10,}
    |dckr_[a-z]{2,4}_[\w-]{10,}|AIza[\w-]{20,}|ya29\.[\w-]{10,}|AKCp[A-Za-z0-9]{8,}|cmVmdGtu[\w=-]{8,}
    |eyJ[\w-]{8,}(?:\.[\w=-]+){0,4})"""
# `Basic authentication` and `Bearer realm="…"` are words; a token has a digit, a sign or both cases.
_SCHEMES = (
    r"(?i)(?P<name>(?<!\w)(?:Bearer|Basic)[ \t]+)(?![\w-]+=[\"'])"
    r"(?P<value>(?-i:(?=[\w+/.~-]*(?:[0-9=+]|[a-z][A-Z])|[A-Za-z]{24})[\w+/=.~-]{6,}))"
)
_PEM = r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)([\s\S]*?)(-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"


def masked(text: str) -> str:
    """`text` without tokens and private keys; its lines stay."""
    text = re.sub(_PEM, lambda match: match[1] + MASK + "\n" * match[2].count("\n") + match[3], text)
    return re.sub(_SCHEMES, rf"\g<name>{MASK}", re.sub(_TOKENS, MASK, text))
