"""The ceiling of any HTTP API before Temporal: an empty route that starts the least a workflow can be.

`bench.ground.bare_api:app` is served as ours is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from fastapi import FastAPI, Request

from bench.ground.bare import Started
from bench.ground.stand import BARE_QUEUE
from workflows.client import connect


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    app.state.client = await connect(lazy=True)
    yield


def app() -> FastAPI:
    made = FastAPI(lifespan=_life)
    numbers = count(1)

    @made.post("/starts", status_code=202)
    async def start(request: Request) -> dict[str, str]:
        workflow_id = f"behind-http/{next(numbers)}"
        text = (await request.body()).decode()
        await request.app.state.client.start_workflow(Started.run, text, id=workflow_id, task_queue=BARE_QUEUE)
        return {"id": workflow_id}

    return made
