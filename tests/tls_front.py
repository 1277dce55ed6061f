"""TLS before a server that has none, with certificates of our own making: what a cluster elsewhere asks for."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Signer:
    """Somebody who vouches for others, in a folder of their own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def of(cls, folder: Path, name: str) -> "Signer":
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(name, key, name, key, timedelta(days=1), is_signer=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return cls(folder, key, made)

    @property
    def file(self) -> Path:
        return self.folder / f"{self._name}.pem"

    @property
    def _name(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    def vouch(self, name: str, lasts: timedelta = timedelta(days=1)) -> tuple[Path, Path]:
        """The files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(name, key, self._name, self.key, lasts)
        certificate, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, secret


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    by_key: ec.EllipticCurvePrivateKey,
    lasts: timedelta,
    *,
    is_signer: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + lasts)
        .add_extension(x509.BasicConstraints(ca=is_signer, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(by_key, hashes.SHA256())
    )


@asynccontextmanager
async def tls_front(behind: str, certificate: Path, key: Path, *, clients: Path | None) -> AsyncIterator[str]:
    """Where TLS is spoken; only who is vouched for in `clients` is let through to the server behind."""
    told = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    told.load_cert_chain(certificate, key)
    told.set_alpn_protocols(["h2"])
    if clients is not None:
        told.verify_mode = ssl.CERT_REQUIRED
        told.load_verify_locations(clients)
    host, _, port = behind.partition(":")

    async def let_through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer), return_exceptions=True)

    server = await asyncio.start_server(let_through, HOST, 0, ssl=told)
    async with server:
        yield f"{HOST}:{server.sockets[0].getsockname()[1]}"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    finally:
        writer.close()
