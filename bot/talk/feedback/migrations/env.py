"""Runs migrations on the connection that ``open_store`` hands over; there is no alembic.ini and no other way in."""

from alembic import context

from bot.talk.feedback.insights import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
