"""Chronologies are chained and anchored; cases have a state.

A migration has no key. Rows written before there was a chain get an empty mac here, and are chained once, when the
records are first opened together with their keys (``bot/cases/opening.py``).
"""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The columns and tables of the chains."""
    op.add_column("cases", sa.Column("state", sa.String(8), nullable=False, server_default="open"))
    op.add_column("cases", sa.Column("purged_at", UtcTime))
    op.add_column("chronology", sa.Column("detail", sa.String(200)))
    op.add_column("chronology", sa.Column("mac", sa.LargeBinary, nullable=False, server_default=sa.text("''")))
    op.create_table(
        "anchors",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("chronology_number", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table("installation", sa.Column("id", sa.String(32), primary_key=True))  # whose records these are
