"""What is done to a case: what was written with it, which acts were done, when it was closed and where it goes on."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Cases keep their place, for other tables lean on them. Nothing could be closed by this version's ways before."""
    op.add_column("cases", sa.Column("closed_at", UtcTime))
    op.add_column("cases", sa.Column("waits_since", UtcTime))
    op.add_column("cases", sa.Column("goes_at", UtcTime))
    op.add_column("cases", sa.Column("merged_into", sa.String(32), sa.ForeignKey("cases.id")), inline_references=True)
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"])
    op.create_table(
        "entries",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("field", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "acts",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), nullable=False, index=True),
    )
