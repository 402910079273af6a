"""conda's options that decide which channels it asks: their names, and what they hold.

Source of the rules: conda/base/context.py; what has aliases takes its private name (`_channels`), too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

OPTION = {
    "default-channels": "default_channels",
    "channel-alias": "channel_alias",
    "custom-channels": "custom_channels",
    "channels": "channels",
    "show-channel-urls": "show_channel_urls",
    "ca-file": "ssl_verify",
}
"""A profile's keys, and conda's options for them."""

TRUSTSTORE = "truststore"
"""What `ssl_verify` says for the system's store."""

LISTS = (
    "channels",
    "default_channels",
    "migrated_channel_aliases",
    "allowlist_channels",
    "denylist_channels",
)
MAPS = ("custom_channels", "migrated_custom_channels", "proxy_servers")
LISTS_BY_NAME = ("custom_multichannels", "mirrored_channels")  # the second is mamba's alone
FLAGS = ("offline", "show_channel_urls", "restore_free_channel")
TEXTS = ("channel_alias", "ssl_verify")
OPTIONS = (*LISTS, *MAPS, *LISTS_BY_NAME, *FLAGS, *TEXTS)

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "channels": ("channels", "channel", "_channels"),
    "ssl_verify": ("ssl_verify", "verify_ssl"),
    "allowlist_channels": ("allowlist_channels", "whitelist_channels"),
    "restore_free_channel": ("restore_free_channel", "_restore_free_channel"),
    **{
        name: (name, f"_{name}")
        for name in (
            "channel_alias",
            "default_channels",
            "custom_channels",
            "custom_multichannels",
            "migrated_channel_aliases",
        )
    },
}
"""Every name of an option, where it has more than its own."""

_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "non", "off", "n", "none", ""})


def spellings(option: str) -> tuple[str, ...]:
    """The names under which conda takes an option."""
    return SPELLINGS.get(option, (option,))


def spelt(option: str, names: Iterable[str]) -> str:
    """The name that an option has among these, else its own: with two in one file conda won't start."""
    there = frozenset(names)
    return next((name for name in spellings(option) if name in there), option)


def flag(value: object) -> bool | None:
    """Yes or no as conda has it; None for what is neither."""
    if isinstance(value, bool | int | float):
        return bool(value)
    text = str(value).strip().lower().replace(".", "", 1)
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    try:
        return bool(complex(text))
    except ValueError:
        return None
