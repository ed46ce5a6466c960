"""Schools, states and siblings of cases; who is struck; deliveries, timers; chains; drafts; whose records they are."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Cases keep their place, for other tables lean on them; tables that nothing leans on are made anew on SQLite."""
    _cases()
    _chronology()
    _deliveries()
    _new_tables()


def _cases() -> None:
    op.add_column("cases", sa.Column("school", sa.String(64), nullable=False, server_default=""))
    op.add_column("cases", sa.Column("state", sa.String(8), nullable=False, server_default="open"))
    op.add_column("cases", sa.Column("clause", sa.String(64)))
    op.add_column("cases", sa.Column("sender_hash", sa.String(64)))
    op.add_column("cases", sa.Column("sibling_of", sa.String(32), sa.ForeignKey("cases.id")), inline_references=True)
    op.add_column("cases", sa.Column("purged_at", UtcTime))
    op.create_index("ix_cases_state", "cases", ["state"])
    op.create_index("ix_cases_sibling_of", "cases", ["sibling_of"])


def _chronology() -> None:
    with op.batch_alter_table("chronology") as table:
        table.add_column(sa.Column("detail", sa.String(200)))
        table.add_column(sa.Column("mac", sa.LargeBinary))
    op.execute(sa.update(sa.table("chronology", sa.column("mac", sa.LargeBinary))).values(mac=b""))
    with op.batch_alter_table("chronology") as table:
        table.alter_column("mac", existing_type=sa.LargeBinary, nullable=False)


def _deliveries() -> None:
    """What was opened needs no notice any more; of all else its person was never told: it is due."""
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("step", sa.Integer))
        table.add_column(sa.Column("state", sa.String(8)))
        table.add_column(sa.Column("claimed_until", UtcTime))
        table.add_column(sa.Column("attempts", sa.Integer))
        table.add_column(sa.Column("sent_at", UtcTime))
        table.add_column(sa.Column("acknowledged_at", UtcTime))
    rows = sa.table(
        "deliveries",
        sa.column("step", sa.Integer),
        sa.column("state", sa.String),
        sa.column("attempts", sa.Integer),
        sa.column("sent_at", UtcTime),
        sa.column("opened_at", UtcTime),
    )
    op.execute(sa.update(rows).values(step=0, attempts=0, state="due"))
    op.execute(sa.update(rows).where(rows.c.opened_at.is_not(None)).values(state="sent", sent_at=rows.c.opened_at))
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("step", existing_type=sa.Integer, nullable=False)
        table.alter_column("state", existing_type=sa.String(8), nullable=False)
        table.alter_column("attempts", existing_type=sa.Integer, nullable=False)
    op.create_index("ix_deliveries_case_id", "deliveries", ["case_id"])
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])


def _new_tables() -> None:
    op.create_table("installation", sa.Column("id", sa.String(32), primary_key=True))  # whose records these are
    op.create_table(
        "struck",
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("person_hash", sa.String(64), primary_key=True),
    )
    op.create_table(
        "anchors",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("chronology_number", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("done_at", UtcTime),
    )
    op.create_index("ix_timers_done_at_due_at", "timers", ["done_at", "due_at"])
    op.create_index("ix_timers_case_id_done_at", "timers", ["case_id", "done_at"])
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner_hash", sa.String(64), nullable=False, index=True),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("school", sa.String(64)),
        sa.Column("clause", sa.String(64)),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
    )
