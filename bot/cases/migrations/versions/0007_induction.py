"""The walk through a policy, what was signed with its whole words, campaigns, and who is to be reminded."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Tables on which no other leans."""
    op.create_table(
        "inductions",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner_hash", sa.String(64), nullable=False, index=True),
        sa.Column("policy", sa.String(100), nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("moved_at", UtcTime, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ux_inductions_owner_hash_policy", "inductions", ["owner_hash", "policy"], unique=True)
    op.create_table(
        "signed_policies",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("policy", sa.String(100), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "sign_offs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("owner_hash", sa.String(64), nullable=False, index=True),
        sa.Column("school", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("signed_policies.digest"), nullable=False),
        sa.Column("agreement", sa.String(64), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("form_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("signed_at", UtcTime, nullable=False),
        sa.Column("words_hash", sa.String(64), nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sign_off_words",
        sa.Column("id", sa.String(32), sa.ForeignKey("sign_offs.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("left_at", UtcTime),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("form_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("school", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(100), nullable=False),
        sa.Column("version", sa.String(64)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by_day", sa.String(10), nullable=False),
        sa.Column("began_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
        sa.Column("started_by", sa.String(64), nullable=False),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("policy", sa.String(100), nullable=False),
        sa.Column("campaign_id", sa.String(32), sa.ForeignKey("campaigns.id"), index=True),
        sa.Column("person_hash", sa.String(64), nullable=False, index=True),
        sa.Column("asked_at", UtcTime, nullable=False),
        sa.Column("told_at", UtcTime),
        sa.Column("state", sa.String(8), nullable=False, index=True),
    )
