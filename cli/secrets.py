"""`imac secrets`: the key under which channels are kept. It stays on this machine and never goes over the API."""

import sys
from datetime import UTC, datetime

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import read_settings
from cli.stack.shared_secrets import adopt
from cli.words import phrase
from connectors.keyring import keyring
from db.access.door import write_entries
from db.channels import seal_channels, sealed_entry
from db.engine import open_database
from domain.channels.sealing import SecretsLocked


async def rotate(*, asking: Asking = ASKING) -> None:
    """Encrypt all channels anew, under a new key in the file or under the first one of IMAC_SECRETS_KEY.

    Earlier keys are kept in the file, as earlier backups need them; take them out by hand.
    """
    settings = read_settings(asking.data_dir)
    keys = keyring(settings)
    database = open_database(settings.database_url, keys)
    try:
        newest = keys.renew()
        async with database.writing() as session:
            count = await seal_channels(session, all_of_them=True)
            write_entries(session, [sealed_entry(datetime.now(UTC), why="rotated")])
        await database.forget_deleted()
    except SecretsLocked as locked:
        raise CliError("secrets_locked", Exit.REFUSED, reason=locked.problems) from None
    finally:
        await database.close()
    if asking.json:
        sys.stdout.write(f'{{"key": "{newest}", "channels": {count}}}\n')
    else:
        asking.console.print(phrase("are_sealed", asking.language, count=count, key=newest), markup=False)


async def adopt_links(*, asking: Asking = ASKING) -> None:
    """Sign links with the current IMAC_LINK_SECRET (or `link.key`) from now on. Links sent before stop working.

    Programs that still have the earlier one keep it until they are restarted, and do not start with it again.
    """
    settings = read_settings(asking.data_dir)
    database = open_database(settings.database_url)
    try:
        await adopt(database, settings)
    finally:
        await database.close()
    if asking.json:
        sys.stdout.write('{"adopted": true}\n')
    else:
        asking.console.print(phrase("links_adopted", asking.language), markup=False)
