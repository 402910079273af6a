"""Worlds for conda by hand: one to a rule, which dice hit too seldom or with others."""

from __future__ import annotations

from collections.abc import Mapping

from tests.clients.conda_worlds import World


def home(text: str, era: str = "new", **variables: str) -> World:
    """One file, the user's own."""
    return World({"home/.condarc": text}, variables, era)


def shell(variable: str, value: str, text: str = "channels: [a]\n") -> World:
    """A variable beside it."""
    return home(text, **{variable: value})


PLACES = (
    *(f"prefix/{name}" for name in (".condarc", "condarc", "condarc.d/a.yaml", "condarc.d/b.yml", "condarc.d/c.conf")),
    *(f"{folder}/{name}" for folder in ("xdg/conda", "home/.config/conda", "home/.conda", "env")
      for name in (".condarc", "condarc", "condarc.d/x.yml")),
    "home/.condarc", "rc.yml",
)  # fmt: skip
EVERYWHERE = {place: f"channels: [https://h.example/{number}]\n" for number, place in enumerate(PLACES)}
XDG = {"XDG_CONFIG_HOME": "%/xdg"}
BY_HAND: Mapping[str, World] = {
    "every place": World(EVERYWHERE, {**XDG, "CONDA_PREFIX": "%/env", "CONDARC": "%/rc.yml"}),
    "every place but those of variables": World(EVERYWHERE, {}),
    "base is active": World(EVERYWHERE, {"CONDA_PREFIX": "%/prefix"}),
    "XDG's folder is the usual one": World(EVERYWHERE, {"XDG_CONFIG_HOME": "%/home/.config"}),
    "CONDARC is ~/.condarc": World(EVERYWHERE, {"CONDARC": "%/home/.condarc"}),
    "CONDARC is a folder": World(
        {"rc/b.yml": "channels: [b]\n", "rc/a.yaml": "channels: [a]\n", "rc/condarc": "channels: [c]\n"},
        {"CONDARC": "%/rc"},
    ),
    "CONDARC is empty": World({"work/x.yml": "channels: [x]\n"}, {"CONDARC": ""}),
    **{
        f"CONDARC is {name}": World({name: "channels: [x]\n"}, {"CONDARC": f"%/{name}"})
        for name in ("condarc", "rc.conf", "rc.yaml", "mine/.condarc")
    },
}

ALIAS = "channel_alias: https://u:p@b.example/c\n"
RESOLVED = {
    "names of nothing": "channels: [<unknown>, a, None]\n",
    "folders beside and below": "channels: [./lab, ../work/lab, /srv/lab]\n",
    "folders of Windows": f"{ALIAS}channels: ['c:/lab', '\\\\lab']\n",
    "a folder with a blank": "channels: ['file:///srv/a%20b/c%20d', '/srv/a%20b/c%20d']\n",
    "nothing is denied": "channels: [<unknown>, a]\ndenylist_channels: [None]\n",
    "nothing is allowed by its name": "channels: [<unknown>, a]\nallowlist_channels: ['None:///<unknown>', a]\n",
    "folders": "channels: [/srv/c, file:///srv/c, 'file:///c', '/srv/my%20c']\n",
    "subdirs": "channels: [lab/linux-64, lab/LINUX-64/x, lab/linux-640, 'https://h.example/x/noarch']\n",
    "free": "restore_free_channel: true\ndefault_channels: ['https://m.example/a', 'https://m.example/b']\n",
    "free among its own": "restore_free_channel: true\n",
    "a part of its own": "channels: [defaults]\ndefault_channels: [pkgs/r]\n",
    "local": "channels: [local, a]\ncustom_multichannels: {local: [b]}\n",
    "defaults as one of many": "channels: [defaults]\ncustom_multichannels: {defaults: ['https://m.example/a']}\n"
    "default_channels: ['https://n.example/b']\n",
    "a part's name": "channels: [pkgs/main, pkgs/main/label/x]\ndefault_channels: ['https://m.example/pkgs/main']\n",
    "a custom channel behind the alias": f"{ALIAS}channels: [team]\ncustom_channels: {{team: plain}}\n",
    "a custom channel between slashes": "channels: [team]\ncustom_channels: {/team/: 'https://t.example'}\n",
    "a part below the alias": "channel_alias: https://b.example/c\nchannels: [defaults, x/y, c/x/y]\n"
    "default_channels: ['https://b.example/c/x/y']\n",
    "the longest beginning": "channels: [a/label/dev, a/x]\ncustom_channels: {a: 'https://d.example', a/label: 'https://e.example'}\n",
    "a host": "channels: ['https://m.example', 'https://m.example:8443/']\n",
    "moved": "channels: ['https://gone.example/c/lab/x', 'https://gone.example/c/lab/two/y']\n"
    "migrated_custom_channels: {lab: 'https://gone.example/c', lab/two: 'https://gone.example/c'}\n"
    "custom_channels: {lab: 'http://new.example', lab/two: 'http://two.example'}\n",
    "moved by two": "channels: ['https://gone.example/c/lab/x']\n"
    "migrated_custom_channels: {lab: 'https://gone.example/c', c/lab: 'https://gone.example'}\n",
    "moved from nowhere": "channels: ['https://none/lab/x', 'https://none/x', 'file:///lab/x']\n"
    "migrated_custom_channels: {lab: }\ncustom_channels: {lab: 'http://new.example'}\n",
    "moved from an empty address": "channels: ['https://lab/x', 'file:///lab/x']\nmigrated_custom_channels: {lab: ''}\n",
    "moved from a folder": "channels: ['file:///srv/lab/x', '/srv/lab/y', 'file:///lab/x']\n"
    "migrated_custom_channels: {lab: 'file:///srv'}\n",
    "an alias that moved": "channel_alias: http://new.example\nmigrated_channel_aliases: ['https://old.example']\n"
    "channels: ['https://old.example/x/']\n",
    "the address of a name": "channels: ['https://cc.example/cloud/lab', 'http://cc.example/cloud/lab/label/x']\n"
    "custom_channels: {lab: 'https://u:p@cc.example/t/tk-3/cloud'}\n",
    "above the address of a name": "channels: ['https://cc.example/cloud']\ncustom_channels: {lab: 'https://cc.example/cloud'}\n",
    "above the alias": f"{ALIAS}channels: ['https://b.example/other', 'https://b.example/c/']\n",
    "of the longer of two": "channels: ['https://cc.example/a/b/c']\n"
    "custom_channels: {a: 'https://cc.example', a/b: 'https://u:p@cc.example'}\n",
    "the address of the alias": f"{ALIAS}channels: ['https://b.example/c/x', 'https://b.example/other']\n",
    "a token": "channels: ['https://h.example/conda/t/tk-9/x', 'https://h.example/a/t/tk-9/x', 'https://h.example/t/tk-1/x']\n",
    "other schemes": "channels: ['s3://bucket/x', 'https://H.EXAMPLE/x', 'ftp://h.example/x/y']\n",
    "what is quoted": "channels: ['https://h.example/a%20b', 'https://h.example/conda/a%20b']\n",
    "denied without its login": "channels: ['https://u:p@m.example/x']\ndenylist_channels: ['https://m.example/x']\n",
    "denied with a login": "channels: ['https://m.example/x']\ndenylist_channels: ['https://u:p@m.example/x']\n",
    "denied by name": "channels: [a, b]\ndenylist_channels: [b]\n",
    "nothing is allowed": "channels: [a]\nallowlist_channels: []\n",
    "another is allowed": "channels: [a]\nallowlist_channels: [b]\n",
    "offline but for folders": "channels: [a, 'file:///srv/c']\noffline: true\n",
    "no channels": "default_channels: ['https://m.example/a']\n",
}  # fmt: skip
BY_HAND |= {f"{name}, {era}": home(text, era) for name, text in RESOLVED.items() for era in ("new", "old")}

LISTS = (
    "channels", "default_channels", "migrated_channel_aliases", "allowlist_channels", "denylist_channels", "channel_settings",
    "create_default_packages", "aggressive_update_packages", "pinned_packages", "disallowed_packages", "disallow",
    "track_features", "envs_dirs", "envs_path", "_envs_dirs", "pkgs_dirs", "_pkgs_dirs", "subdirs", "_subdirs", "repodata_fns",
    "_create_default_packages", "_aggressive_update_packages",
)  # fmt: skip
MAPS = ("custom_channels", "custom_multichannels", "migrated_custom_channels", "proxy_servers", "conda_build")
FLAGS = (
    "offline", "show_channel_urls", "restore_free_channel", "add_anaconda_token", "allow_conda_downgrades", "allow_non_channel_urls",
    "allow_softlinks", "always_copy", "always_softlink", "always_yes", "auto_update_conda", "changeps1", "notify_outdated_conda",
    "override_channels_enabled", "quiet", "rollback_enabled", "use_index_cache", "use_only_tar_bz2",
)  # fmt: skip
NUMBERS = (
    "auto_stack", "default_threads", "fetch_threads", "remote_backoff_factor", "remote_max_retries", "repodata_threads",
    "verify_threads", "execute_threads",
)  # fmt: skip
TWO_NAMES = (
    ("channels", "channel"), ("channel", "_channels"), ("default_channels", "_default_channels"),
    ("custom_channels", "_custom_channels"), ("custom_multichannels", "_custom_multichannels"),
    ("migrated_channel_aliases", "_migrated_channel_aliases"), ("allowlist_channels", "whitelist_channels"),
    ("channel_alias", "_channel_alias"), ("ssl_verify", "verify_ssl"), ("envs_dirs", "envs_path"), ("pkgs_dirs", "_pkgs_dirs"),
    ("disallow", "disallowed_packages"), ("subdirs", "_subdirs"), ("conda_build", "conda-build"),
    ("create_default_packages", "_create_default_packages"), ("aggressive_update_packages", "_aggressive_update_packages"),
    ("restore_free_channel", "_restore_free_channel"),
)  # fmt: skip
OF = {"ssl_verify": "true", "restore_free_channel": "true", "channel_alias": "https://x.example"}
BY_HAND |= {
    **{f"{name} is a text": home(f"channels: [a]\n{name}: /x\n" if name != "channels" else "channels: a\n") for name in (*LISTS, *MAPS)},
    **{f"{name} is empty": home(f"channels: [a]\n{name}:\n" if name != "channels" else "channels:\n") for name in (*LISTS, *MAPS)},
    **{f"{name} is perhaps": home(f"channels: [a]\n{name}: perhaps\n", "old" if name == "restore_free_channel" else "new") for name in (*FLAGS, *NUMBERS)},
    **{f"{one} and {two}": home("".join(f"{name}: {OF.get(one, '{}' if one in MAPS else '[]')}\n" for name in (one, two))) for one, two in TWO_NAMES},
    **{f"a number that is {text}": home(f"channels: [a]\nrepodata_threads: {text}\n") for text in ("' 12 '", "'+3'", "1.5", "true", "'1.5'", "''")},
    **{f"{name} that is {value}": home(f"channels: [a]\n{name}: {value}\n") for name in ("ssl_verify", "always_yes", "channel_alias") for value in ("[]", "{}", "[a]")},
    "names that are a part of another": home("channels: [a]\nbuild: x\nc: []\nalias: {}\n"),
    "a list in a list": home("channels: [[a]]\n"),
    "a map in a list": home("channels: [{a: b}]\n"),
    "a list in a map": home("channels: [a]\ncustom_channels: {a: [b]}\n"),
    "a map in a map": home("channels: [a]\nproxy_servers: {a: {b: c}}\n"),
    "a text for a group": home("channels: [a]\ncustom_multichannels: {a: b}\n"),
    "an empty group": home("channels: [a]\ncustom_multichannels: {a: }\n"),
    "a group of lists": home("channels: [a]\ncustom_multichannels: {a: [[b]]}\n"),
    "a custom channel that is empty": home("channels: [a]\ncustom_channels: {a: }\n"),
    "settings of a channel": home("channels: [a]\nchannel_settings: [{channel: a, auth: x}]\n"),
    "an alias without a scheme": home("channels: [a]\nchannel_alias: bare.example\n"),
    "an alias out of a variable": home("channels: [a]\nchannel_alias: $HERE\n", HERE="https://here.example"),
    "one without a scheme out of a variable": home("channels: [a]\nchannel_alias: $HERE\n", HERE="here.example"),
    "an alias that is empty": home("channels: [a]\nchannel_alias:\n"),
}  # fmt: skip

WORDS = (
    "y",
    "'on'",
    "'yes'",
    "' True '",
    "n",
    "'non'",
    "'none'",
    "'off'",
    "''",
    "1",
    "0.0",
    "'1'",
    "'0.0'",
    "[]",
    "'1.2.3'",
    "'-0'",
    "'y.'",
    "'1e3'",
)
SPELT = {
    "channel": "[b]", "_channels": "[b]", "whitelist_channels": "[b]", "_restore_free_channel": "true",
    "_channel_alias": "https://x.example", "_default_channels": "['https://x.example/d']", "verify_ssl": "truststore",
    "_custom_channels": "{a: 'https://x.example'}", "_custom_multichannels": "{a: ['https://x.example/m']}",
    "_migrated_channel_aliases": "['https://h.example']",
}  # fmt: skip
USED = "channels: [defaults, a, 'https://h.example/z']\n"
BY_HAND |= {
    **{f"offline is {word}": home(f"channels: [a]\noffline: {word}\n") for word in WORDS},
    **{f"offline is {word.strip(chr(39))!r} in the shell": shell("CONDA_OFFLINE", word.strip("'")) for word in WORDS},
    **{f"{name}, {era}": home(f"{'' if name in ('channel', '_channels') else USED}{name}: {value}\n", era)
       for name, value in SPELT.items() for era in ("new", "old")},
    **{f"CONDA_{name.upper()}": shell(f"CONDA_{name.upper()}", value.strip("[]").strip("'"), USED) for name, value in SPELT.items()},
    "two variables of one setting": home("channels: [a]\n", CONDA_CHANNELS="b", CONDA_CHANNEL="c"),
    "two variables of another": home("channels: [a]\n", CONDA_SSL_VERIFY="true", CONDA_VERIFY_SSL="true"),
    "a map in the shell": shell("CONDA_CUSTOM_CHANNELS", "a: https://x.example"),
    "a map of lists in the shell": shell("CONDA_CUSTOM_MULTICHANNELS", "a: [b]"),
    "a flag in the shell": shell("CONDA_SHOW_CHANNEL_URLS", "perhaps"),
    "blanks and commas": shell("CONDA_CHANNELS", " b , ,c,", "channels: [a, c]\n"),
    "an important alias": shell("CONDA_CHANNEL_ALIAS", "https://x.example!important"),
    "an alias without a scheme in the shell": shell("CONDA_CHANNEL_ALIAS", "x.example"),
    "a variable in a variable": shell("CONDA_CHANNEL_ALIAS", "https://${WHO}.example"),
}  # fmt: skip

STRONG = {"CONDARC": "%/rc.yml"}


def two(weak: str, strong: str) -> World:
    """Two files."""
    return World({"home/.condarc": weak, "rc.yml": strong}, STRONG)


GROUP = "custom_multichannels:{}\n  g:{}\n    - https://{}.example/x{}\n    - https://{}.example/y\n"
BY_HAND |= {
    "unions": two("channels: [a, b, c]\n", "channels: [c, d, a]\n"),
    **{f"a list that is {mark}": two(f"channels:  {mark}\n  - a\n", "channels: [b]\n") for mark in ("#!final", "#final", "#!!final!", "#!final but", "# !final")},
    **{f"an item that is {mark}": two(f"channels:\n  - a  {mark}\n  - b\n", f"channels:\n  - c\n  - d  {mark}\n") for mark in ("#!top", "#!bottom", "#top", "#!final")},
    "marked under another name": two("_channels:  #!final\n  - a\n", "channel: [b]\n"),
    "an item marked under another name": two("channels: [a, b]\n", "channel:\n  - b\n  - c  #!bottom\n"),
    "an alias that is final": two("channel_alias: https://x.example  #!final\nchannels: [a]\n", "channel_alias: https://y.example\n"),
    "a map that is final": two("custom_channels:  #!final\n  a: https://x.example\nchannels: [a, b]\n", "custom_channels: {b: 'https://y.example'}\n"),
    "an entry that is final": two("custom_channels:\n  a: https://x.example  #!final\nchannels: [a]\n", "custom_channels: {a: 'https://y.example'}\n"),
    **{f"a group of which {which} is final": two(
        GROUP.format(*marks, "w", "", "w") + "channels: [g]\n", GROUP.format("", strong, "s", "", "s"))
       for which, marks, strong in (("neither", ("", ""), ""), ("the weak one", ("", "  #!final"), ""), ("the strong one", ("", ""), "  #!final"),
                                    ("each", ("", "  #!final"), "  #!final"), ("the map", ("  #!final", ""), ""))},
    "an item of a group that is at the top": two(GROUP.format("", "", "w", "  #!top", "w") + "channels: [g]\n", GROUP.format("", "", "s", "", "s")),
    "flags over flags": two("offline: true\nchannels: [a]\n", "offline: false\n"),
}  # fmt: skip
