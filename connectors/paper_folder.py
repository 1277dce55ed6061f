"""Papers as files of a folder, each under the digest of what it holds: there as a whole, or not at all."""

import asyncio
import contextlib
import os
import secrets
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

# Whoever still wrote it would have ended long ago.
_FORGOTTEN_AFTER = timedelta(hours=1)


class PaperFolder:
    """Files are written once and never changed. Readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, digest: str, content: bytes) -> None:
        """Returns when it would outlast a loss of power. Raises `OSError`."""
        await asyncio.to_thread(self._put, digest, content)

    async def get(self, digest: str) -> bytes | None:
        """None where it is not, or is not any more what its name says."""
        return await asyncio.to_thread(self._get, digest)

    def _put(self, digest: str, content: bytes) -> None:
        file = self._file(digest)
        if self._get(digest) is not None:
            return
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear(file.parent)
        # With a dot: no backup takes what is not finished.
        draft = file.with_name(f".{digest}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                written.write(content)
                written.flush()
                os.fsync(written.fileno())
            os.replace(draft, file)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync(file.parent)

    def _get(self, digest: str) -> bytes | None:
        try:
            content = self._file(digest).read_bytes()
        except FileNotFoundError:
            return None
        return content if sha256(content).hexdigest() == digest else None

    def _file(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _clear(self, folder: Path) -> None:
        """Of what was begun here and never finished."""
        long_ago = time.time() - _FORGOTTEN_AFTER.total_seconds()
        for draft in folder.glob(".*"):
            with contextlib.suppress(OSError):
                if draft.stat().st_mtime < long_ago:
                    draft.unlink()


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
