"""Keys of people who sign in by OpenID Connect: who they are to their issuer."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("subject", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_api_keys_subject"), "api_keys", ["subject"])


def downgrade() -> None:
    op.drop_index(op.f("ix_api_keys_subject"), table_name="api_keys")
    op.drop_column("api_keys", "subject")
