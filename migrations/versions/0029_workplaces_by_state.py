"""Workplaces are counted, and found by wave and state, without reading through all rows of their project."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_workplaces_project_wave": ["project", "wave", "state", "row"],
    "ix_workplaces_project_state": ["project", "state", "row"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(name, "workplaces", columns, unique=False)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "workplaces")
