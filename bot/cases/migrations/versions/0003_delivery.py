"""What a worker needs to go on by itself: the track of a case, rounds of reminders, notices to senders and authors."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Cases keep their place, for other tables lean on them; deliveries are made anew on SQLite."""
    op.add_column("cases", sa.Column("track", sa.String(16), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("ring_at", UtcTime))
    op.add_column("cases", sa.Column("status_hash", sa.String(64)))
    op.create_index("ix_cases_status_hash", "cases", ["status_hash"])
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("notice", sa.String(16), nullable=False, server_default="new"))
        table.add_column(sa.Column("round", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("taken", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "notices",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id")),
        sa.Column("draft_id", sa.String(64)),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("notice", sa.String(16), nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("claimed_until", UtcTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", UtcTime),
        sa.Column("taken", sa.String(64), nullable=False, server_default=""),
    )
    op.create_index("ix_notices_case_id", "notices", ["case_id"])
    op.create_index("ix_notices_draft_id", "notices", ["draft_id"])
    op.create_index("ix_notices_state_due_at", "notices", ["state", "due_at"])
