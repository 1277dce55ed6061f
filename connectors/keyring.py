"""The keys under which secrets are kept: from the settings, or from a file that only its owner may read.

The newest comes first, is the one that encrypts, and all of them decrypt. The file is read whenever it is needed, so a
new key is known to running processes at once.
"""

import binascii
import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from connectors.links import keep_if_missing
from domain.channels.sealing import Sealed, SecretsLocked
from domain.refusals import Problem
from settings import Settings

KEY_BYTES, NONCE_BYTES = 32, 12


@dataclass(frozen=True)
class Keyring:
    """AES-256-GCM."""

    file: Path
    given: SecretStr | None = field(default=None, repr=False)

    def knows(self, key_id: str) -> bool:
        return key_id in self._keys()

    def seal(self, text: str, about: str) -> Sealed:
        """Raises `SecretsLocked`. Without any key one is made in the file."""
        if not self._keys():
            keep_if_missing(self.file, _written(_new()))
        key_id, key = next(iter(self._keys().items()))
        nonce = os.urandom(NONCE_BYTES)
        encrypted = AESGCM(key).encrypt(nonce, text.encode(), _bound(about, key_id))
        return Sealed(key=key_id, text=_written(nonce + encrypted))

    def open(self, sealed: Sealed, about: str) -> str:
        """Raises `SecretsLocked`."""
        keys = self._keys()
        if not keys:
            raise SecretsLocked(Problem(code="secrets_key_missing", values={"file": str(self.file)}))
        if sealed.key not in keys:
            raise SecretsLocked(Problem(code="secrets_key_wrong", values={"key": sealed.key}))
        try:
            kept = b64decode(sealed.text, validate=True)
            nonce, encrypted = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
            return AESGCM(keys[sealed.key]).decrypt(nonce, encrypted, _bound(about, sealed.key)).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretsLocked(Problem(code="secret_unreadable", values={"about": about})) from error

    def renew(self) -> str:
        """A new key at the head of the file; the id of the newest. Keys in the settings are changed there."""
        if self.given is None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.with_name(f".{self.file.name}.lock").open("a") as lock:
                # Of two at once the second would write away the first one's key, under which channels may be kept.
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._put_first(_new())
        return next(iter(self._keys()))

    def _put_first(self, key: bytes) -> None:
        """Whoever dies in the middle of it leaves the file as it was."""
        kept = self.file.read_text(encoding="ascii") if self.file.exists() else ""
        draft = self.file.with_name(f".{self.file.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(f"{_written(key)}\n{kept}")
            new.flush()
            os.fsync(new.fileno())
        draft.replace(self.file)

    def _keys(self) -> Mapping[str, bytes]:
        """By id, the newest first. Raises `SecretsLocked` for what is no key."""
        if self.given is not None:
            written = self.given.get_secret_value().replace(",", "\n")
        else:
            written = self.file.read_text(encoding="ascii", errors="replace") if self.file.exists() else ""
        keys = [_read(line) for line in written.split()]
        return {sha256(key).hexdigest()[:12]: key for key in keys}


def keyring(settings: Settings) -> Keyring:
    return Keyring(settings.data_dir / "secrets.key", settings.secrets_key)


def _read(line: str) -> bytes:
    try:
        key = b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretsLocked(Problem(code="secrets_key_malformed"))
    return key


def _new() -> bytes:
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def _written(value: bytes) -> str:
    return b64encode(value).decode()


def _bound(about: str, key_id: str) -> bytes:
    return f"{about}/{key_id}".encode()
