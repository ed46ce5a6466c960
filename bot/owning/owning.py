"""The one door of the policy owner: their pages, and what they do there; who they are is asked each time."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import ActAsOwner, ExportFile, OpenOwning, OwningView
from bot.owning.acts import Wrong, do
from bot.owning.pages import shown
from bot.owning.room import NothingHere, Room
from bot.talk.feedback.insights import NoSuchQuestion
from bot.wording import say
from knowledge.datafile import BadDataFile
from knowledge.errors import TouchstoneError
from knowledge.library import NoSuchPolicy
from knowledge.overlay import (
    CannotAccept,
    CannotBeVersion,
    CannotPublish,
    NoSuchPhrasing,
    NoSuchVersion,
    NothingToAttachTo,
    Refused,
)
from knowledge.readers.errors import UnreadableDocument


class NotTheOwner(TouchstoneError):
    """There is no such page for whoever asks."""


@dataclass(frozen=True, slots=True)
class Owning:
    """The door to the policy owner's room.

    Attributes:
        room: what stands in it.
        may: whether somebody, by their id in the directory, is policy owner now.
    """

    room: Room
    may: Callable[[str], bool]

    def open(self, wanted: OpenOwning) -> OwningView:
        """A page.

        Raises:
            NotTheOwner: whoever asks is not policy owner now.
            NothingHere: there is no such thing.
            InsightsUnusable: what was counted or sent cannot be read.
            SnapshotMissing: nothing was built yet.
        """
        self._see(wanted.person)
        return shown(self.room, wanted)

    def act(self, wanted: ActAsOwner) -> OwningView | ExportFile:
        """Does something, and shows what came of it; or gives it back with what is wrong and all that was filled in.

        Raises:
            NotTheOwner: whoever does it is not policy owner now.
            NothingHere: there is no such thing.
            InsightsUnusable: what was counted or sent cannot be read.
        """
        self._see(wanted.person)
        page = OpenOwning(wanted.person, wanted.page, wanted.policy, wanted.item, wanted.version)
        try:
            return do(self.room, wanted, page)
        except Wrong as wrong:
            problems = wrong.problems
        except Refused as refused:
            problems = tuple(one.what for one in refused.problems)
        except UnreadableDocument as unreadable:
            problems = (say("owning.wrong.document", why=str(unreadable)),)
        except (CannotAccept, CannotBeVersion, CannotPublish, NoSuchPhrasing, NothingToAttachTo) as refused:
            problems = (say(f"owning.wrong.{type(refused).__name__}"),)
        except BadDataFile as broken:
            problems = (say("owning.broken"), str(broken))
        except (NoSuchPolicy, NoSuchVersion, NoSuchQuestion):
            raise NothingHere from None
        return shown(self.room, page, wanted.answers, problems)

    def _see(self, person: str) -> None:
        if not self.may(person):
            raise NotTheOwner
