"""Counts by the week, and what the policy owner did with what was sent to them."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds them; what was sent before is new."""
    op.create_table(
        "counts",
        sa.Column("week", sa.Date, primary_key=True),
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("policy", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("questions", sa.Column("done_how", sa.String(16), nullable=False, server_default=""))
    op.add_column("questions", sa.Column("done_what", sa.Text, nullable=False, server_default=""))
    op.add_column("questions", sa.Column("done_at", UtcTime, nullable=True))
    op.add_column("questions", sa.Column("told_at", UtcTime, nullable=True))
