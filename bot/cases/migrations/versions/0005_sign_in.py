"""Sessions; who may open cases in which role, and since when; files that came with a report."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Three tables that no other leans on."""
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("person_hash", sa.String(64), nullable=False, index=True),
        sa.Column("person_sealed", sa.LargeBinary, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("proved_at", UtcTime, nullable=False),
        sa.Column("began_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime, nullable=False),
    )
    op.create_table(
        "appointments",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("school", sa.String(64), nullable=False),
        sa.Column("until", sa.String(10)),
        sa.Column("by_person", sa.String(64)),
        sa.Column("by_role", sa.String(64)),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
