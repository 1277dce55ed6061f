"""`imac upgrade roll-back`: cases go on with the version before."""

import sys

from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import know_the_stack, read_settings
from cli.tables import filled, table
from cli.upgrades.standing import build_of, with_versions
from cli.words import phrase
from domain.people import Language
from workflows.engine.going_back import WentBack, go_back
from workflows.engine.versions import Versions


async def roll_back(*, asking: Asking = ASKING) -> None:
    """End the trial of a version, or go back to the version that was current before. Its workers must run.

    Run it where the older version is installed: it knows which cases can go back, and only the others stay with the
    newer version. Run anywhere else, all cases that have done something under the newer version stay with it.
    """
    know_the_stack(asking.data_dir)
    settings = read_settings(asking.data_dir)
    ours = build_of(settings).id

    async def back(versions: Versions) -> WentBack:
        seen = await versions.routing()
        left, to = (seen.trial, seen.current) if seen.trial else (seen.current, seen.previous)
        if left is None or to is None:
            raise CliError("version_has_none_before", Exit.REFUSED, version=left or "–")
        if not await versions.is_manned(to):
            raise CliError("version_unmanned", Exit.REFUSED, version=to)
        return await go_back(versions, seen, left=left, to=to, ours=ours)

    went = await with_versions(settings, back)
    if asking.json:
        sys.stdout.write(f"{went.model_dump_json()}\n")
    else:
        asking.console.print(picture(went, asking.language))


def picture(went: WentBack, language: Language) -> RenderableType:
    values = {"left": went.left, "version": went.version, "back": went.back}
    took = {"switched": went.switched, "seconds": went.seconds}
    parts: list[RenderableType] = [Text(phrase("version_went_back", language, **values, **took), "green")]
    if went.stay:
        said = phrase("version_cases_stay", language, stay=len(went.stay), left=went.left, version=went.version)
        parts += [Text(said, "yellow"), filled(table(language, "case"), ((case,) for case in went.stay))]
    return Group(*parts)
