"""What the log drivers of dockerd 20.10 take as `log-opts`.

Source of the rules: docker's documentation of each driver, and moby's source; tried on dockerd 20.10.24.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mirrorcfg.activation import goform
from mirrorcfg.activation.shapes import Misfit
from mirrorcfg.sentence import sentence

Options = Mapping[str, str]
Form = Callable[[str], bool]

_ANYTHING = "labels labels-regex env env-regex tag "
_NAMES = {
    "json-file": f"{_ANYTHING}max-size max-file compress",
    "local": "max-size max-file compress",
    "journald": _ANYTHING,
    "syslog": f"""{_ANYTHING}syslog-address syslog-facility syslog-format syslog-tls-ca-cert syslog-tls-cert
        syslog-tls-key syslog-tls-skip-verify""",
    "gelf": f"""{_ANYTHING}gelf-address gelf-compression-level gelf-compression-type gelf-tcp-max-reconnect
        gelf-tcp-reconnect-delay""",
    "fluentd": f"""{_ANYTHING}fluentd-address fluentd-async fluentd-async-connect fluentd-buffer-limit
        fluentd-max-retries fluentd-request-ack fluentd-retry-wait fluentd-sub-second-precision""",
    "awslogs": """tag awslogs-region awslogs-endpoint awslogs-group awslogs-stream awslogs-create-group
        awslogs-datetime-format awslogs-multiline-pattern awslogs-credentials-endpoint
        awslogs-force-flush-interval-seconds awslogs-max-buffered-events""",
    "splunk": f"""{_ANYTHING}splunk-url splunk-token splunk-source splunk-sourcetype splunk-index
        splunk-capath splunk-caname splunk-insecureskipverify splunk-format splunk-verify-connection
        splunk-gzip splunk-gzip-level splunk-index-acknowledgment""",
    "gcplogs": """labels labels-regex env env-regex gcp-project gcp-log-cmd gcp-meta-zone gcp-meta-name
        gcp-meta-id""",
}
STEADY = {"json-file", "local", "journald"}
"""Those whose options are the same up to 28.5."""
STEADY_TO_26 = {"gelf", "splunk", "gcplogs", "syslog", "awslogs", "fluentd"}
"""The same up to 26.1.5; of what `GROWN` have only what they had."""
GROWN = {"awslogs", "fluentd"}
FREER = {"syslog-address", "fluentd-address"}
"""What may be written in more ways since."""

_ANY_NAME = "logentries"
_EVERYWHERE = {
    "mode",
    "max-buffer-size",
    "cache-disabled",
    "cache-max-size",
    "cache-max-file",
    "cache-compress",
}
_NEEDED = {"gelf": "gelf-address", "awslogs": "awslogs-group", "logentries": "logentries-token"}
_NOT_BOTH = {
    "fluentd": ("fluentd-async", "fluentd-async-connect"),
    "awslogs": ("awslogs-datetime-format", "awslogs-multiline-pattern"),
}

_TRANSPORTS = ("tcp://", "tcp+tls://", "udp://", "unix://", "unixgram://")
_FACILITIES = """kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 local2 local3
local4 local5 local6 local7"""


def _between(low: int, high: int = 2**63 - 1) -> Form:
    def fits(text: str) -> bool:
        number = goform.integer(text)
        return number is not None and low <= number <= high

    return fits


def _syslog_address(text: str) -> bool:
    address = goform.address(text) if text.startswith(_TRANSPORTS) else None
    if address is None:
        return False
    socket = address.scheme.startswith("unix")
    return socket or goform.host_port(address.host) is not None or goform.missing_port(address.host)


def _gelf_address(text: str) -> bool:
    address = goform.address(text) if text.startswith(("tcp://", "udp://")) else None
    return address is not None and goform.host_port(address.host) is not None


def _fluentd_address(text: str) -> bool:
    if text.startswith(_TRANSPORTS):
        address = goform.address(text)
        if address is None or address.scheme.startswith("unix"):
            return address is not None
        text = address.host
    found = goform.host_port(text)
    return goform.missing_port(text) if found is None else goform.integer(found[1]) is not None


_SWITCH: tuple[Form, str] = (goform.is_switch, sentence("true or false"))
_POSITIVE = (_between(1), sentence("a number above 0"))
_TCP = (_between(0), sentence("a number that isn't negative"))
_FORMS: Mapping[str, tuple[Form, str]] = {
    "cache-disabled": _SWITCH,
    "syslog-address": (_syslog_address, sentence("an address like udp://host:514")),
    "syslog-facility": (
        lambda text: text in _FACILITIES.split() or _between(0, 23)(text),
        sentence("a facility of syslog"),
    ),
    "syslog-format": (
        lambda text: text in {"rfc3164", "rfc5424", "rfc5424micro"},
        sentence("rfc3164, rfc5424 or rfc5424micro"),
    ),
    "fluentd-address": (_fluentd_address, sentence("an address like host:24224")),
    "fluentd-buffer-limit": (goform.is_size, sentence("a size like 1m")),
    "fluentd-retry-wait": (goform.is_span, sentence("a time like 1s")),
    "fluentd-max-retries": (
        lambda text: text.isascii() and text.isdigit() and int(text[:30]) < 2**64,
        sentence("a number"),
    ),
    "fluentd-async": _SWITCH,
    "fluentd-async-connect": _SWITCH,
    "fluentd-request-ack": _SWITCH,
    "fluentd-sub-second-precision": _SWITCH,
    "awslogs-create-group": _SWITCH,
    "awslogs-force-flush-interval-seconds": _POSITIVE,
    "awslogs-max-buffered-events": _POSITIVE,
}
"""What an option must be where it isn't empty."""

_GELF: Mapping[str, tuple[str, Form, str]] = {
    "gelf-compression-level": ("udp", _between(-1, 9), sentence("a number from -1 to 9")),
    "gelf-compression-type": (
        "udp",
        lambda text: text in {"gzip", "zlib", "none"},
        sentence("gzip, zlib or none"),
    ),
    "gelf-tcp-max-reconnect": ("tcp", *_TCP),
    "gelf-tcp-reconnect-delay": ("tcp", *_TCP),
}
"""The transport that an option is for, and what it must be, empty or not."""


def lasting(driver: str, options: Options) -> Options:
    """The options of a driver that mean to 26.1.5 what they meant to 20.10."""
    known = {*_NAMES.get(driver, "").split(), *_EVERYWHERE} if driver in GROWN else options
    return {name: text for name, text in options.items() if name in known and name not in FREER}


def misfit(driver: str, options: Options) -> Misfit | None:
    """What keeps dockerd from starting in these log-opts, which aren't none at all."""
    if driver == "none":
        return None
    if options.get("mode", "") not in {"", "blocking", "non-blocking"}:
        return Misfit(".mode", sentence("blocking or non-blocking"))
    if "max-buffer-size" in options:
        if options.get("mode") != "non-blocking":
            return Misfit(".max-buffer-size", sentence("left out, or mode be non-blocking"))
        if not goform.is_size(options["max-buffer-size"]):
            return Misfit(".max-buffer-size", sentence("a size like 4m"))
    if driver not in _NAMES and driver != _ANY_NAME:
        return None  # a plugin's, maybe
    known = {*_NAMES.get(driver, "").split(), *_EVERYWHERE}
    for name, text in options.items():
        if name not in known and driver != _ANY_NAME:
            return Misfit(
                f".{name}", sentence("left out: the log driver {driver} has no such option", driver=driver)
            )
        form, wanted = _FORMS.get(name, (bool, ""))
        if text and wanted and not form(text):
            return Misfit(f".{name}", wanted)
    return _of_driver(driver, options)


def _of_driver(driver: str, options: Options) -> Misfit | None:
    needed = _NEEDED.get(driver, "")
    if needed and not options.get(needed):
        return Misfit(
            "",
            sentence(
                "given with {option}, which the log driver {driver} needs", option=needed, driver=driver
            ),
        )
    if driver == "fluentd" and all(options.get(name) for name in _NOT_BOTH[driver]):
        return Misfit("", sentence("given with one of fluentd-async and fluentd-async-connect"))
    if driver == "awslogs" and options.keys() >= set(_NOT_BOTH[driver]):
        return Misfit("", sentence("given with one of awslogs-datetime-format and awslogs-multiline-pattern"))
    return _gelf(options) if driver == "gelf" else None


def _gelf(options: Options) -> Misfit | None:
    if not _gelf_address(options["gelf-address"]):
        return Misfit(".gelf-address", sentence("an address like udp://host:12201"))
    for name, (transport, form, wanted) in _GELF.items():
        if name in options and not (
            options["gelf-address"].startswith(f"{transport}://") and form(options[name])
        ):
            both = sentence("{wanted}, with an address of {transport}", wanted=wanted, transport=transport)
            return Misfit(f".{name}", both)
    return None
