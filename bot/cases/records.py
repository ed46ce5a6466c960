"""The tables of what was told, and the store that holds them, brought to the newest version when it is opened."""

from pathlib import Path

from sqlalchemy import URL, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

from bot.engines import Store, UtcTime, open_store
from knowledge.errors import TouchstoneError

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()


class RecordsUnusable(TouchstoneError):
    """The records cannot be used: see to the file and its folder, or put it back from a backup."""


cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("form", String(64), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("school", String(64), nullable=False, server_default=""),
    Column("state", String(8), nullable=False, server_default="open", index=True),
    Column("clause", String(64)),
    Column("sender_hash", String(64)),
    Column("sibling_of", String(32), ForeignKey("cases.id"), index=True),
    Column("purged_at", UtcTime),
    Column("track", String(16), nullable=False, server_default=""),
    Column("ring_at", UtcTime),
    Column("status_hash", String(64), index=True),
    Column("closed_at", UtcTime),
    Column("waits_since", UtcTime),
    Column("goes_at", UtcTime),
    Column("merged_into", String(32), ForeignKey("cases.id"), index=True),
)
"""One row a case: nothing that was written, but whether it is urgent, and by its deliveries whose job it is.

``track`` is that of its route, by which its plan is found again; empty for a case from before that was kept.
``ring_at`` is since when its sender is told whom to ring, because nobody had opened it by then. ``status_hash`` is a
keyed hash of the code with which its sender asks where it is. ``school`` is empty for a case from before there were
several. ``state`` is open, closed or purged. ``sibling_of`` is the first of the cases that one report made.
``sender_hash`` is a keyed hash of the sender's id, where it is known.

``goes_at`` is when what was entered in the school's case system is deleted here.
``waits_since`` is when it began anew to wait for somebody to acknowledge it, opened again or passed on. A case that was
put together with another is closed, and ``merged_into`` is where it goes on."""

submissions = Table(
    "submissions",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
)
"""Which submissions were seen: a keyed hash of draft and answers, so that a repeated one finds its (first) case; and of
a draft that somebody had kept, its own."""

answers = Table(
    "answers",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("question", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""What was told, each answer sealed on its own."""

entries = Table(
    "entries",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("field", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""What was written since, each text sealed on its own: notes, reasons, questions. ``number`` is that of the row in the
case's chronology that it belongs to; ``field`` is what it was asked as."""

acts = Table(
    "acts",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False, index=True),
)
"""Which acts were done: a keyed hash of who, the case and the id of the form, so that a repeated one does nothing."""

struck = Table(
    "struck",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("person_hash", String(64), primary_key=True),
)
"""Whom a case is about, by a keyed hash of their id in the directory: they are out of every step."""

chronology = Table(
    "chronology",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("event", String(64), nullable=False),
    Column("person", String(64)),
    Column("role", String(64)),
    Column("detail", String(200)),
    Column("mac", LargeBinary, nullable=False, default=b""),
)
"""All that happened to a case, in order, without its content. ``mac`` chains each row to the one before it; it is empty
in rows from before there was a chain."""

anchors = Table(
    "anchors",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("chronology_number", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)
"""The heads of all chronologies in one chain of their own. Numbered without gaps, so not by the database: whoever adds
one takes one more than the last, and as writers are one at a time no two take the same."""

installation = Table("installation", metadata, Column("id", String(32), primary_key=True))
"""One row: whose records these are. The key store holds the same id."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False, index=True),
    Column("person", String(64), nullable=False, index=True),
    Column("role", String(64), nullable=False),
    Column("step", Integer, nullable=False, default=0),
    Column("state", String(8), nullable=False, default="due"),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_until", UtcTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("sent_at", UtcTime),
    Column("opened_at", UtcTime),
    Column("acknowledged_at", UtcTime),
    Column("notice", String(16), nullable=False, server_default="new"),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("taken", String(64), nullable=False, server_default=""),
    Index("ix_deliveries_state_due_at", "state", "due_at"),
)
"""One thing owed to one person; it lies in their inbox from the moment the case is committed, and they are told of it
until the platform took the notice. ``state`` is due, claimed, sent, waits (in the inbox alone, for there is no way to
whoever it is owed to) or void (nothing is to be sent). ``notice`` is what the notice says that is sent next or was sent
last, ``round`` how many were before it, ``taken`` the ways that have taken it, with commas between. See
``bot.cases.delivery.deliveries``."""

notices = Table(
    "notices",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), index=True),
    Column("draft_id", String(64), index=True),
    Column("person_hash", String(64), nullable=False, index=True),
    Column("role", String(64), nullable=False),
    Column("notice", String(16), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("claimed_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", UtcTime),
    Column("taken", String(64), nullable=False, server_default=""),
    Index("ix_notices_state_due_at", "state", "due_at"),
)
"""What people are told who receive no case by it: a sender of how it stands with theirs, an author of a draft that they
left, a DSL that there is one. Claimed and sent like a delivery, and seen in no inbox. Of ``case_id`` and ``draft_id``
one is set. ``person_hash`` is a keyed hash of their id in the directory: the records do not say who sent a case."""

timers = Table(
    "timers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("set_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_timers_done_at_due_at", "done_at", "due_at"),
    Index("ix_timers_case_id_done_at", "case_id", "done_at"),
)
"""What is to happen to a case at a time, whatever else happens; each open case has one that is not done."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner_hash", String(64), nullable=False, index=True),
    Column("form", String(64), nullable=False),
    Column("school", String(64)),
    Column("clause", String(64)),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
)
"""What was begun and not sent: all of it sealed in one piece, under a key of its own; emptied when it is closed.
``state`` is open, sent or discarded."""

# ------------------------------------------------------------------------------ who is signed in, and who may open

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("person_hash", String(64), nullable=False, index=True),
    Column("person_sealed", LargeBinary, nullable=False),
    Column("way", String(16), nullable=False),
    Column("proved_at", UtcTime, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=False),
)
"""Who is signed in, on whatever process: a keyed hash of the id in their cookie, of their own id, and that id sealed.
``proved_at`` is when they last showed who they are. No backup has it. See ``bot.cases.people.sessions``."""

appointments = Table(
    "appointments",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("event", String(16), nullable=False),
    Column("person", String(64), nullable=False),
    Column("role", String(64), nullable=False),
    Column("school", String(64), nullable=False),
    Column("until", String(10)),
    Column("by_person", String(64)),
    Column("by_role", String(64)),
    Column("mac", LargeBinary, nullable=False),
)
"""Who may open cases in a role, since when and by whose word; only ever added to, each row chained to the one before.
``until`` is the last day for which it was said. See ``bot.cases.people.appointments``."""

attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""The files that came with a report: what they are called, their type, size and digest, sealed. The content lies sealed
in a file below the data folder. See ``bot.cases.reports.attachments``."""

# -------------------------------------------------------------------------------------------- chat platforms

arrivals = Table(
    "arrivals",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("arrived_at", UtcTime, nullable=False, index=True),
    Column("sealed", LargeBinary),
    Column("claimed_until", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
)
"""What chat platforms delivered, so that nothing is handled twice or not at all: a keyed hash of its id there, and what
it was, sealed, until it is handled. No backup has it. See ``bot.cases.arrivals``."""

installations = Table(
    "installations",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("installed_at", UtcTime, nullable=False),
)
"""In which workspaces of a chat platform Touchstone is installed: the token of each, sealed, and whose it is. No backup
has it. See ``integrations.slack.installs``."""

# ---------------------------------------------------------------------------------- walked through, and signed

inductions = Table(
    "inductions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner_hash", String(64), nullable=False, index=True),
    Column("policy", String(100), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("moved_at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ux_inductions_owner_hash_policy", "owner_hash", "policy", unique=True),
)
"""How far somebody has come in the walk through a policy: what is done, sealed under a key of its own. ``owner_hash``
is a keyed hash, of a person or of a code. How they judged stands nowhere. See ``bot.induction.progress``."""

signed_policies = Table(
    "signed_policies",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("policy", String(100), nullable=False),
    Column("document", Text, nullable=False),
)
"""The whole words of each version of a policy that somebody signed, once, by their SHA-256: the version may be gone by
the time that somebody asks what was signed."""

sign_offs = Table(
    "sign_offs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False, unique=True),
    Column("owner_hash", String(64), nullable=False, index=True),
    Column("school", String(64), nullable=False),
    Column("policy", String(100), nullable=False),
    Column("digest", String(64), ForeignKey("signed_policies.digest"), nullable=False),
    Column("agreement", String(64), nullable=False),
    Column("way", String(8), nullable=False),
    Column("form_hash", String(64), nullable=False, unique=True),
    Column("signed_at", UtcTime, nullable=False),
    Column("words_hash", String(64), nullable=False),
    Column("mac", LargeBinary, nullable=False),
)
"""Who signed what, and when: only ever added to, each row chained to the one before, nothing of it ever changed.
``digest`` is of the whole policy, ``agreement`` of the words that stood over the signature, ``words_hash`` a keyed one
of what was written with it. ``way`` is walk or form. The same ``form_hash`` is the same signature. See
``bot.cases.people.signatures``."""

sign_off_words = Table(
    "sign_off_words",
    metadata,
    Column("id", String(32), ForeignKey("sign_offs.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("left_at", UtcTime),
)
"""What somebody wrote with their signature (name, role, the name again), sealed under a key of its own: what is deleted
of a sign-off when its time is over. The row that says that there was one stays in its chain. ``left_at`` is since when
whoever signed was not found in the directory any more; whoever signed by a code never was."""

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("form_hash", String(64), nullable=False, unique=True),
    Column("school", String(64), nullable=False),
    Column("policy", String(100), nullable=False),
    Column("version", String(64)),
    Column("digest", String(64), nullable=False),
    Column("by_day", String(10), nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("started_by", String(64), nullable=False),
)
"""That everybody is asked to read and sign a version of a policy by a day."""

reminders = Table(
    "reminders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("policy", String(100), nullable=False),
    Column("campaign_id", String(32), ForeignKey("campaigns.id"), index=True),
    Column("person_hash", String(64), nullable=False, index=True),
    Column("asked_at", UtcTime, nullable=False),
    Column("told_at", UtcTime),
    Column("state", String(8), nullable=False, index=True),
)
"""Who is to be reminded, was, or needs it no longer (``state``: waits, told, void). The id is a keyed hash of what it
is for, so that each comes once, whatever dies; and it is that of the notice that it becomes. See
``bot.induction.reminding``."""

PASSING = frozenset({"sessions", "arrivals", "installations"})
"""Tables that no backup has: a restore must not sign anybody in, nor answer what was asked long ago, and a token that
opens a workspace lies in one place."""


def open_records(place: Path | str | URL, to: str = "head") -> Store:
    """Opens the records, making their tables or bringing them to the newest version first, or to an earlier one.

    Args:
        place: a SQLite file, or the address of a database.
        to: the version; an earlier one than the newest only to fill it from a backup of that version.

    Raises:
        BadAddress: the address is none of a database that can be used here.
        UnsafeDatabase: a setting on which durability rests does not hold.
        Busy: another start holds them for minutes.
        Unreachable: nobody answers there.
        RecordsUnusable: they are damaged, of a newer version, or cannot be written.
    """
    return open_store(place, MIGRATIONS, RecordsUnusable, to)
