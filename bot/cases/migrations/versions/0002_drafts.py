"""Drafts: forms that were left half filled in."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The table of drafts."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner_hash", sa.String(64), nullable=False, index=True),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("school", sa.String(64)),
        sa.Column("clause", sa.String(32)),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
