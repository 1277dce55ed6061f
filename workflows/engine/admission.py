"""How a worker gets its work: it carries a version, and is given cases once that version is let in."""

import asyncio
from contextlib import suppress

import structlog
from temporalio.client import RPCError
from temporalio.worker import WorkerDeploymentConfig

from workflows.engine.build import Build
from workflows.engine.versions import Versions, VersionsUnknown, carried

log = structlog.get_logger()

_ASK_AGAIN = 1.0
_SAY_AGAIN = 30.0


class Admission:
    def __init__(self, versions: Versions, build: Build) -> None:
        self._versions = versions
        self._build = build
        self._is_versioned = False

    async def config(self) -> WorkerDeploymentConfig | None:
        """For a worker that is about to start; nothing where the server knows no versions."""
        self._is_versioned = await self._versions.are_known()
        if self._is_versioned:
            return carried(self._versions.deployment, self._build)
        log.warning("server knows no versions of workers: this one works on whatever it is given")
        return None

    async def seek(self) -> None:
        """Return when it is let in; says so, and every half minute that it waits."""
        if not self._is_versioned:
            return
        waited, is_in = 0.0, False
        while not is_in:
            # It is as it was; whoever asks for its health learns that the server is away.
            with suppress(RPCError, VersionsUnknown):
                is_in = await self._versions.arrive(self._build)
            if not is_in:
                if waited % _SAY_AGAIN == 0:
                    log.warning("worker waits until its version is let in", version=self._build.id)
                await asyncio.sleep(_ASK_AGAIN)
                waited += _ASK_AGAIN
        log.info("version is let in", version=self._build.id)

    async def is_in(self) -> bool:
        if not self._is_versioned:
            return True
        try:
            return (await self._versions.routing()).lets_in(self._build.id)
        except (RPCError, VersionsUnknown):
            return False
