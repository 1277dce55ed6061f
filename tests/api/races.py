"""`python -m tests.api.races` counts what comes of two customers who save the same new name at the same moment.

On PostgreSQL, two callers of each customer, twelve rounds for each kind of thing.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from db.engine import open_database
from settings import Settings
from tests.api.contenders import CONTENDERS, Contender
from tests.api.house import House, opened
from tests.postgres import postgres_server
from tests.world import furnish

ROUNDS = 12
CUSTOMERS = ("adler", "falke")
EACH = 2


async def race(house: House, contender: Contender, rounds: int) -> Counter[str]:
    """Rounds, calls, calls that broke, and rounds in which both customers were told that the name is theirs."""
    callers = [(customer, await contender.caller(house, customer)) for customer in CUSTOMERS for _ in range(EACH)]
    found: Counter[str] = Counter()
    for turn in range(rounds):
        answers = await asyncio.gather(
            *(
                contender.save(caller, customer, f"same-{turn}", f"{customer} {n}")
                for n, (customer, caller) in enumerate(callers)
            )
        )
        told = {callers[n][0] for n, answer in enumerate(answers) if answer.is_success}
        broken = sum(answer.status_code >= 500 for answer in answers)
        found += Counter(rounds=1, calls=len(answers), broken=broken, both_told_200=len(told) == len(CUSTOMERS))
    return found


async def measure(url: str, folder: Path) -> Counter[str]:
    database = open_database(url)
    await furnish(database)
    async with opened(Settings(data_dir=folder, database_url=url), database) as house:
        await house.second_customer()
        found = [await race(house, contender, ROUNDS) for contender in CONTENDERS if contender.shared]
    await database.close()
    return sum(found, Counter())


def main() -> None:
    with postgres_server() as server, server.database() as url, tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(url, Path(folder)))
    named = ("rounds", "both_told_200", "calls", "broken")
    sys.stdout.write("".join(f"{name:>14} {found[name]}\n" for name in named))


if __name__ == "__main__":
    main()
