"""Write a migration for what the tables lack: `make migration name=what`."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from db.revisions import MIGRATIONS
from db.schema import migrate


def make(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "newest.db"
        migrate(f"sqlite+aiosqlite:///{path}")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
        command.revision(
            config, name, autogenerate=True, rev_id=f"{len(list(MIGRATIONS.glob('versions/*.py'))) + 1:04}"
        )


if __name__ == "__main__":
    make(sys.argv[1])
