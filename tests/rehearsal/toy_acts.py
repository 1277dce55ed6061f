from temporalio import activity


@activity.defn
async def do(what: str) -> str:
    """Only its name is asked for: engines are handed stand-ins."""
    raise NotImplementedError(what)
