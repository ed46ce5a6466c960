"""Imported by the process that servers are made from: what each reads before it serves, is read there once."""

from bot.talk.answering import answers

answers.load()
