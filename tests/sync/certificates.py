"""A certificate authority for a test, and servers' certificates by it: good, expired, or for another host."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Authority:
    """Signs certificates; `trusted` is a client's TLS context that trusts it and nobody else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of a test")
        itself = _certificate(self._name, self._name, self._key.public_key(), datetime.now(UTC) + DAY)
        signed = itself.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            self._key, hashes.SHA256()
        )
        pem = signed.public_bytes(serialization.Encoding.PEM).decode()
        self.trusted = ssl.create_default_context(cadata=pem)
        # Python 3.13 is stricter by default than these short certificates are made for.
        self.trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT

    def server(self, address: str = "127.0.0.1", ends_in: timedelta = DAY) -> ssl.SSLContext:
        """A server's TLS context with a certificate for this address."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _certificate(_name(address), self._name, key.public_key(), datetime.now(UTC) + ends_in)
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        signed = builder.add_extension(alternative, critical=False).sign(self._key, hashes.SHA256())
        file = self._folder / f"{address}-{ends_in.days}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - 2 * DAY)
        .not_valid_after(ends)
    )
