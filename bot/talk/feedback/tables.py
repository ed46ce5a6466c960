"""The tables of insights: what was rated, what was sent to the policy owner, and how often each thing happened."""

from sqlalchemy import JSON, Boolean, Column, Date, Integer, MetaData, String, Table, Text

from bot.engines import UtcTime

metadata = MetaData()

ratings = Table(
    "ratings",
    metadata,
    Column("answer", String(64), primary_key=True),
    Column("policy", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)
"""One row an answer that somebody rated, under a hash of the answer's random id: no word of theirs, no name, no time of
the day, and no row numbers that would tell the order they came in."""

questions = Table(
    "questions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("done_how", String(16), nullable=False, server_default=""),
    Column("done_what", Text, nullable=False, server_default=""),
    Column("done_at", UtcTime, nullable=True),
    Column("told_at", UtcTime, nullable=True),
)
"""What was sent to the policy owner, under a hash of its draft's id, and what they did with it."""

counts = Table(
    "counts",
    metadata,
    Column("week", Date, primary_key=True),
    Column("what", String(32), primary_key=True),
    Column("policy", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How often something happened in a week that begins on that Monday: one row for each thing, whoever did it."""
