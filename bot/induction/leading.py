"""What whoever looks after induction sees and does: who is where, reminders, campaigns; never how anybody judged."""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.cases.dates import NotUnderstood, day_in_words, moment_in_words, read_day
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import Person
from bot.cases.receiving.access import Act, Gate
from bot.cases.receiving.taken import safe
from bot.engines import Busy
from bot.induction import walk
from bot.induction.agreement import roles_in_words
from bot.induction.definitions import Definition
from bot.induction.document import Document, document_of
from bot.induction.due import Campaign, Why, reasons
from bot.induction.progress import Kept
from bot.induction.reminding import Reminding
from bot.induction.signing import SignOff
from bot.messages import (
    CampaignRow,
    Choice,
    EndCampaign,
    ExportFile,
    ExportStandings,
    FormQuestion,
    InductionLeadView,
    InductionOffer,
    InductionStanding,
    NudgeInduction,
    OpenInductionLead,
    QuestionKind,
    StartCampaign,
)
from bot.wording import say
from knowledge.errors import TouchstoneError

COLUMNS = (
    "name", "role", "where", "done", "steps", "moved", "version", "signed", "due", "reminded", "taken_by", "taken_at",
)  # fmt: skip
"""Of the list that is taken along; each has its heading in the locale, under ``induction.column``."""


class NotYourInduction(TouchstoneError):
    """Only whoever looks after induction, and the headteacher, see who is where."""


@dataclass(frozen=True, slots=True)
class Leading:
    """Shows who is where.

    Attributes:
        reminding: who is reminded of what, with all that it turns on.
    """

    reminding: Reminding

    def open(self, wanted: OpenInductionLead) -> InductionLeadView:
        """Who is where.

        Raises:
            NotYourInduction: this person may not see it.
            NoSuchInduction: this policy has none.
        """
        self._allowed(wanted.person)
        return self._view(wanted.policy)

    def nudge(self, wanted: NudgeInduction) -> InductionLeadView:
        """Reminds somebody, or all who are behind; within school hours, and nobody twice on one day.

        Raises:
            NotYourInduction: this person may not.
            NoSuchInduction: this policy has none.
        """
        self._allowed(wanted.person)
        definition = self.reminding.definitions.find(wanted.policy)
        behind = [row.person for row in self._standings(definition) if row.is_behind and row.person]
        whom = [one for one in behind if wanted.whom in {"", one}]
        try:
            asked = self.reminding.nudge(definition.policy.slug, whom)
        except Busy:
            return replace(self._view(wanted.policy), notice=say("induction.lead.not_now"))
        if not whom:
            return replace(self._view(wanted.policy), done=say("induction.lead.nobody_behind"))
        if not asked:
            return replace(self._view(wanted.policy), done=say("induction.lead.nudged_already"))
        when = "nudged" if self.reminding.is_time(self._now()) else "nudged_later"
        return replace(self._view(wanted.policy), done=say(f"induction.lead.{when}", count=asked))

    def start(self, wanted: StartCampaign) -> InductionLeadView:
        """Starts a campaign; else the view with what is wrong.

        Raises:
            NotYourInduction: this person may not.
            NoSuchInduction: that policy has none.
        """
        self._allowed(wanted.person)
        definition = self.reminding.definitions.find(wanted.answers.get("policy", ""))
        today = day_at_school(self._now())
        by, error = _by(wanted.answers.get("by", ""), today)
        if by is None:
            return self._view(definition.policy.slug, wanted.answers, {"by": error})
        document, school = document_of(definition.policy), self.reminding.directory().schools[0].id
        try:
            is_new = self.reminding.campaigns.start(wanted.form, document, by, wanted.person, school)
        except Busy:
            return replace(self._view(definition.policy.slug, wanted.answers), notice=say("induction.lead.not_now"))
        started = say("induction.lead.started", day=day_in_words(by), title=document.title)
        return replace(self._view(definition.policy.slug), done=started if is_new else say("induction.lead.is_started"))

    def end(self, wanted: EndCampaign) -> InductionLeadView:
        """Ends a campaign: nobody is reminded of it any more.

        Raises:
            NotYourInduction: this person may not.
            NoSuchCampaign: there is none of that id.
        """
        self._allowed(wanted.person)
        campaigns = self.reminding.campaigns
        campaigns.end(wanted.campaign)
        policy = next((one.policy for one in campaigns.all() if one.id == wanted.campaign), "")
        return replace(self._view(policy), done=say("induction.lead.ended"))

    def export(self, wanted: ExportStandings) -> ExportFile:
        """The list, as comma-separated values of which a spreadsheet makes no formula.

        Raises:
            NotYourInduction: this person may not see it.
            NoSuchInduction: this policy has none.
        """
        person, now = self._allowed(wanted.person), self._now()
        definition = self.reminding.definitions.find(wanted.policy)
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow([say(f"induction.column.{name}") for name in COLUMNS])
        for row in self._standings(definition):
            cells = [
                row.name, row.roles, row.where, str(row.done), str(row.count), _day(row.moved), row.version or "",
                _day(row.signed), row.due, _day(row.nudged), person.name, moment_in_words(now),
            ]  # fmt: skip
            writer.writerow([safe(cell) for cell in cells])
        name = f"induction-{definition.policy.slug}-{day_at_school(now).isoformat()}.csv"
        return ExportFile(name, "text/csv; charset=utf-8", b"\xef\xbb\xbf" + out.getvalue().encode())

    # ------------------------------------------------------------------------------------------------- who may

    def may(self, person_id: str) -> bool:
        """Whether somebody may see who is where: asked of the table of access, by the directory of today."""
        today = day_at_school(self._now())
        return may_look_after_induction(self.reminding.directory(), today, self.reminding.people_key, person_id)

    def _allowed(self, person_id: str) -> Person:
        person = self.reminding.directory().find(person_id)
        if person is None or not self.may(person_id):
            raise NotYourInduction
        return person

    # --------------------------------------------------------------------------------------------------- shown

    def _view(
        self, policy: str, answers: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> InductionLeadView:
        definitions = self.reminding.definitions.all()
        definition = self.reminding.definitions.find(policy)
        slug, title = definition.policy.slug, definition.policy.title
        rows = tuple(self._standings(definition))
        offers = tuple(InductionOffer(one.policy.slug, one.policy.title) for one in definitions)
        return InductionLeadView(
            policy=slug,
            policy_title=title,
            version=definition.policy.version,
            title=say("induction.lead.title"),
            says=(say("induction.lead.says"), say("induction.lead.says_when")),
            rows=rows,
            campaigns=tuple(self._campaigns(slug, title)),
            form=secrets.token_hex(16),
            questions=_questions(offers, answers or {"policy": slug}, errors or {}),
            submit=say("induction.lead.start"),
            others=tuple(one for one in offers if one.policy != slug),
        )

    def _campaigns(self, policy: str, title: str) -> Iterator[CampaignRow]:
        reminding, today = self.reminding, day_at_school(self._now())
        people = [reminding.hash_of(person.id) for person in reminding.directory().persons]
        signed = reminding.sign_offs.signed(policy)
        for one in reminding.campaigns.all(policy):
            met = sum(one.is_met_by(signed.get(hashed, ())) for hashed in people)
            is_late = one.ended is None and today > one.by and met < len(people)
            ended = day_at_school(one.ended) if one.ended else None
            began = day_at_school(one.began)
            yield CampaignRow(one.id, title, one.version, began, one.by, ended, met, len(people), is_late)

    def _standings(self, definition: Definition) -> list[InductionStanding]:
        """Everybody of the directory, those who are behind first; then those who signed by a code."""
        reminding, policy = self.reminding, definition.policy.slug
        document, campaign = document_of(definition.policy), reminding.campaigns.running(policy)
        hashes = {person.id: reminding.hash_of(person.id) for person in reminding.directory().persons}
        known = frozenset(hashes.values())
        kept, signed = reminding.progress.all(policy), reminding.sign_offs.all(policy, closed=known)
        nudged, rows = reminding.nudged(policy), []
        for person in reminding.directory().persons:
            hashed = hashes[person.id]
            mine = signed.get(hashed, ())
            row = self._standing(definition, document, mine, kept.get(hashed), campaign)
            roles = ", ".join(roles_in_words(reminding.directory(), person, day_at_school(self._now())))
            when = nudged.get(person.id)
            rows.append(
                replace(
                    row, person=person.id, name=person.name, roles=roles, nudged=day_at_school(when) if when else None
                )
            )
        rows.sort(key=lambda row: (not row.is_behind, row.name.casefold()))
        for hashed, mine in signed.items():
            written = mine[0].written
            if hashed not in known and written is not None and not written.owner:
                row = self._standing(definition, document, mine, kept.get(hashed), None)
                rows.append(replace(row, name=written.name, roles=written.role))
        return rows

    def _standing(
        self,
        definition: Definition,
        document: Document,
        mine: tuple[SignOff, ...],
        kept: Kept | None,
        campaign: Campaign | None,
    ) -> InductionStanding:
        why = reasons([one.counts_as() for one in mine], document, self._now(), campaign)
        done = walk.count(definition.induction, kept.done) if kept else 0
        count = len(definition.induction.steps)
        return InductionStanding(
            person="",
            name="",
            roles="",
            where=_where(done, count, kept, mine),
            done=done,
            count=count,
            moved=day_at_school(kept.moved) if kept else None,
            version=mine[0].document.version if mine else None,
            signed=day_at_school(mine[0].at) if mine else None,
            due=_due(why, campaign),
            is_behind=bool(why),
        )

    def _now(self) -> datetime:
        return self.reminding.clock.now()


def may_look_after_induction(directory: Directory, on: date, people_key: bytes, person_id: str) -> bool:
    """Whether somebody may see who is where: asked of the table of access, by the directory of a day."""
    gate = Gate(directory, on, people_key)
    return directory.find(person_id) is not None and any(
        gate.may_without_case(person_id, Act.LOOK_AFTER_INDUCTION, school.id) for school in directory.schools
    )


def _where(done: int, count: int, kept: Kept | None, mine: tuple[SignOff, ...]) -> str:
    if kept is None:
        return say("induction.where.signed" if mine else "induction.where.not_begun")
    return say("induction.where.all" if done == count else "induction.where.at", done=done, count=count)


def _due(why: tuple[Why, ...], campaign: Campaign | None) -> str:
    by = day_in_words(campaign.by) if campaign else ""
    return say(f"induction.lead.due.{why[0]}", by=by) if why else ""


def _by(typed: str, today: date) -> tuple[date | None, str]:
    """The day, or what is wrong with it."""
    if not typed.strip():
        return None, say("induction.lead.by_missing")
    try:
        day = read_day(typed)
    except NotUnderstood as wrong:
        return None, str(wrong)
    return (day, "") if day >= today else (None, say("induction.lead.by_over"))


def _questions(
    offers: tuple[InductionOffer, ...], answers: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[FormQuestion, ...]:
    choices = tuple(Choice(one.policy, one.title) for one in offers)
    return (
        FormQuestion(
            "policy", QuestionKind.CHOICE, say("induction.lead.policy"), "", "", required=True, choices=choices,
            value=answers.get("policy", ""),
        ),
        FormQuestion(
            "by", QuestionKind.DATE, say("induction.lead.by"), say("induction.lead.by_help"), "", required=True,
            value=answers.get("by", ""), error=errors.get("by", ""),
        ),
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
