"""Certificates of every kind that one library takes and another doesn't."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_NOW = datetime.now(UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def secret(self) -> bytes:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption())


@dataclass(frozen=True)
class Wish:
    """What a certificate is to say. `usage` are its extended key usages; `ca` None leaves the constraint out."""

    name: str
    issuer: Made | None = None
    dns: Sequence[str] = ()
    ip: Sequence[str] = ()
    ca: bool | None = None
    path: int | None = None
    usage: Sequence[x509.ObjectIdentifier] = ()
    sign: bool | None = None
    constraints: x509.NameConstraints | None = None
    begins: datetime = _NOW - _DAY
    ends: datetime = _NOW + 30 * _DAY
    key: Callable[[], Key] = lambda: ec.generate_private_key(ec.SECP256R1())
    hash: hashes.HashAlgorithm | None = field(default_factory=hashes.SHA256)


def make(wish: Wish) -> Made:
    """A certificate as it is wished."""
    key = wish.key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wish.name)])
    issuer = name if wish.issuer is None else wish.issuer.certificate.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(wish.begins)
        .not_valid_after(wish.ends)
    )
    names: list[x509.GeneralName] = [x509.DNSName(each) for each in wish.dns]
    names += [x509.IPAddress(ipaddress.ip_address(each)) for each in wish.ip]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    if wish.ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(wish.ca, wish.path), True)
    if wish.usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage(wish.usage), False)
    if wish.sign is not None:
        usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": wish.sign, "digital_signature": True}
        builder = builder.add_extension(x509.KeyUsage(**usage), True)
    if wish.constraints is not None:
        builder = builder.add_extension(wish.constraints, True)
    signer = key if wish.issuer is None else wish.issuer.key
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else wish.hash
    return Made(builder.sign(signer, algorithm), key)  # type: ignore[arg-type]


_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What a server shows, and what its client has been given to trust; by `host` it is asked."""

    shown: Sequence[Made]
    trusted: Sequence[Made]
    host: str = "mirror.lab"

    def write(self, folder: Path, name: str) -> tuple[Path, Path, Path]:
        """The files: chain, key, and what is trusted."""
        chain, key, roots = (folder / f"{name}.{end}" for end in ("pem", "key", "ca"))
        chain.write_bytes(b"".join(each.pem for each in self.shown))
        key.write_bytes(self.shown[0].secret)
        roots.write_bytes(b"".join(each.pem for each in self.trusted))
        return chain, key, roots


def cases() -> dict[str, Case]:
    """By name."""
    root = make(Wish("Root", ca=True, sign=True))
    middle = make(Wish("Middle", root, ca=True, sign=True))
    other = make(Wish("Other", ca=True, sign=True))
    dns = ("mirror.lab",)

    def leaf(issuer: Made | None = root, **more: object) -> Made:
        return make(Wish(**{"name": "mirror.lab", "issuer": issuer, "dns": dns, **more}))  # type: ignore[arg-type]

    def rsa_of(bits: int) -> Callable[[], Key]:
        return lambda: rsa.generate_private_key(65537, bits)

    def under(**more: object) -> Made:
        return make(Wish(**{"name": "Under", "issuer": root, "ca": True, "sign": True, **more}))  # type: ignore[arg-type]

    limited = under(constraints=x509.NameConstraints([x509.DNSName("lab")], None))
    elsewhere = under(constraints=x509.NameConstraints([x509.DNSName("corp")], None))
    barred = under(constraints=x509.NameConstraints(None, [x509.DNSName("mirror.lab")]))
    of_numbers = under(
        constraints=x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None)
    )
    of_people = under(constraints=x509.NameConstraints([x509.RFC822Name("lab")], None))
    bounded_root = make(
        Wish("Bounded", ca=True, sign=True, constraints=x509.NameConstraints([x509.DNSName("corp")], None))
    )
    alone = make(Wish("mirror.lab", dns=dns))
    no_ca = make(Wish("No CA", root, ca=False, sign=True))
    unsaid = make(Wish("Unsaid", root, sign=True))
    unsigning = make(Wish("Unsigning", root, ca=True, sign=False))
    short = make(Wish("Short", root, ca=True, sign=True, path=0))
    below = make(Wish("Below", short, ca=True, sign=True))
    clients = make(Wish("Clients", root, ca=True, sign=True, usage=[ExtendedKeyUsageOID.CLIENT_AUTH]))
    old_root = make(Wish("Old", ca=True, sign=True, ends=_NOW - _DAY / 2))
    old_middle = make(Wish("Old middle", root, ca=True, sign=True, ends=_NOW - _DAY / 2))
    old_style = make(Wish("Old style"))
    return {
        "as it should be": Case([leaf()], [root]),
        "another authority": Case([leaf()], [other]),
        "a name in the subject alone": Case([leaf(dns=())], [root]),
        "another name": Case([leaf(dns=("other.lab",))], [root]),
        "another name, ours in the subject": Case([leaf(dns=("other.lab",))], [root]),
        "a wildcard": Case([leaf(dns=("*.mirror.lab",))], [root], "one.mirror.lab"),
        "a wildcard for two labels": Case([leaf(dns=("*.mirror.lab",))], [root], "one.two.mirror.lab"),
        "a wildcard under the top": Case([leaf(dns=("*.lab",))], [root]),
        "half a wildcard": Case([leaf(dns=("m*.lab.example",))], [root], "mirror.lab.example"),
        "a wildcard in the middle": Case([leaf(dns=("one.*.lab",))], [root], "one.mirror.lab"),
        "in capitals": Case([leaf(dns=("MIRROR.LAB",))], [root]),
        "a dot at its end": Case([leaf(dns=("mirror.lab.",))], [root]),
        "a number": Case([leaf(ip=("10.77.0.5",))], [root], "10.77.0.5"),
        "a number as a name": Case([leaf(dns=("10.77.0.5",))], [root], "10.77.0.5"),
        "a number in the subject alone": Case([leaf(name="10.77.0.5", dns=())], [root], "10.77.0.5"),
        "expired": Case([leaf(ends=_NOW - _DAY / 2)], [root]),
        "not yet valid": Case([leaf(begins=_NOW + _DAY)], [root]),
        "an expired root": Case([leaf(old_root)], [old_root]),
        "an expired authority between": Case([leaf(old_middle), old_middle], [root]),
        "a chain": Case([leaf(middle), middle], [root]),
        "a chain with its root": Case([leaf(middle), middle, root], [root]),
        "a chain out of order": Case([leaf(middle), root, middle], [root]),
        "a chain with a hole": Case([leaf(middle)], [root]),
        "an authority between is trusted": Case([leaf(middle)], [middle]),
        "the same, and shown": Case([leaf(middle), middle], [middle]),
        "the server's own is trusted": Case([own := leaf()], [own]),
        "signed by itself": Case([alone], [alone]),
        "signed by itself, an authority": Case(
            [a := make(Wish("mirror.lab", dns=dns, ca=True, sign=True))], [a]
        ),
        "no authority between": Case([leaf(no_ca), no_ca], [root]),
        "an authority that doesn't say so": Case([leaf(unsaid), unsaid], [root]),
        "an authority that may not sign": Case([leaf(unsigning), unsigning], [root]),
        "a root that doesn't say so": Case([leaf(old_style)], [old_style]),
        "a longer chain than allowed": Case([leaf(below), below, short], [root]),
        "an authority for clients": Case([leaf(clients), clients], [root]),
        "for servers": Case([leaf(usage=[ExtendedKeyUsageOID.SERVER_AUTH])], [root]),
        "for clients": Case([leaf(usage=[ExtendedKeyUsageOID.CLIENT_AUTH])], [root]),
        "for anything": Case([leaf(usage=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])], [root]),
        "within its constraints": Case([leaf(limited), limited], [root]),
        "outside its constraints": Case([leaf(elsewhere), elsewhere], [root]),
        "excluded": Case([leaf(barred), barred], [root]),
        "another name is excluded": Case(
            [leaf(barred, dns=("mirror.lab", "one.lab")), barred], [root], "one.lab"
        ),
        "a name, constraints for numbers": Case([leaf(of_numbers), of_numbers], [root]),
        "a number outside of them": Case([leaf(of_numbers, ip=("10.77.0.5",)), of_numbers], [root]),
        "constraints for people": Case([leaf(of_people), of_people], [root]),
        "outside its root's constraints": Case([leaf(bounded_root)], [bounded_root]),
        "RSA of 1024 bits": Case([leaf(key=rsa_of(1024))], [root]),
        "RSA of 2048 bits": Case([leaf(key=rsa_of(2048))], [root]),
        "Ed25519": Case([leaf(key=ed25519.Ed25519PrivateKey.generate)], [root]),
        "P-521": Case([leaf(key=lambda: ec.generate_private_key(ec.SECP521R1()))], [root]),
        "ten years long": Case([leaf(ends=_NOW + 3650 * _DAY)], [root]),
    }
