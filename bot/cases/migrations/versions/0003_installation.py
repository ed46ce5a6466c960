"""The records know whose they are, so that keys of another installation are not taken for theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The table of one row."""
    op.create_table("installation", sa.Column("id", sa.String(32), primary_key=True))
