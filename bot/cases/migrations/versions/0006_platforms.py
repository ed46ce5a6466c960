"""Messages of chat platforms that have arrived, until they are handled; in which workspaces Touchstone is installed."""

import sqlalchemy as sa
from alembic import op

from bot.engines import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Tables of the platforms, on which no other leans."""
    op.create_table(
        "arrivals",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("arrived_at", UtcTime, nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("claimed_until", UtcTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "installations",
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("installed_at", UtcTime, nullable=False),
    )
