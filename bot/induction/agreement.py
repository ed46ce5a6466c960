"""The agreement at the end of the walk: shown whole with what it binds to, and signed."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import quote

import structlog

from bot.cases.dates import day_in_words
from bot.cases.keys.masterkey import MasterKeyWrong
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.people.roles import TRUST, Person, Role
from bot.cases.reports.drafts import CODE, PERSON
from bot.cases.reports.filling import code_of
from bot.cases.reports.standing import status_code
from bot.induction import walk
from bot.induction.campaigns import Campaigns
from bot.induction.definitions import Definition, Definitions
from bot.induction.document import Document, changed, document_of
from bot.induction.due import Campaign, Why, reasons
from bot.induction.progress import Kept
from bot.induction.signing import NOT_STORED, NotSurelySigned, Signing, SignOff, SignOffs, Written
from bot.induction.walk import NOTHING, Done
from bot.messages import (
    AgreementView,
    Bound,
    Choice,
    FormQuestion,
    InductionStepRow,
    OpenSignOffs,
    QuestionKind,
    SignAgreement,
    SignedView,
    SignOffRow,
    SignOffsView,
)
from bot.ports import Clock
from bot.wording import say
from knowledge.model import Citation

LINE = 120
"""The most signs of a name or a role, as in the form ``sign_agreement``."""

POLICY = "policy"
"""What must have been read before it is signed: the agreement says "read and understood"."""

BOUND = "bound"
"""What else it binds to."""

_UNDATED = "undated"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Side:
    """Whose walk through what, and how far they have come; ``kept`` is None where they have not begun."""

    owner: str = field(repr=False)
    definition: Definition
    kept: Kept | None

    @property
    def done(self) -> Done:
        """What they have done."""
        return self.kept.done if self.kept else NOTHING


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with somebody's signature.

    Attributes:
        why: why they are to sign.
        due: the same in sentences.
        signed: the sign-off that stands; None where none does.
        newest: what they signed last.
        left: the steps that come before they may sign.
    """

    why: tuple[Why, ...]
    due: tuple[str, ...]
    signed: SignOffRow | None
    newest: SignOff | None
    left: tuple[InductionStepRow, ...]


@dataclass(frozen=True, slots=True)
class Agreements:
    """Shows the agreement, and takes signatures.

    Attributes:
        definitions: which policies have one.
        sign_offs: what was signed.
        campaigns: whether everybody is asked to sign.
        directory: gives the directory of now.
        code_key: 32 bytes; makes the code of whoever signs with neither name nor code.
        clock: what time it is.
        addresses: where the school has the staff handbook and the code of conduct, by their names.
    """

    definitions: Definitions
    sign_offs: SignOffs
    campaigns: Campaigns
    directory: Callable[[], Directory]
    code_key: bytes = field(repr=False)
    clock: Clock
    addresses: Mapping[str, str] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------ standing

    def standing(self, side: Side) -> Standing:
        """How it stands with somebody's signature of a policy.

        Raises:
            SignOffsDamaged: what was signed was changed.
        """
        policy = side.definition.policy
        document, campaign = document_of(policy), self._campaign(side)
        mine = self.sign_offs.of(side.owner, policy.slug)
        why = reasons([one.counts_as() for one in mine], document, self.clock.now(), campaign)
        newest = mine[0] if mine else None
        row = None if newest is None or set(why) - {Why.CAMPAIGN} else _row(newest, (), None)
        must_walk = newest is None and Why.CAMPAIGN not in why and bool(side.owner)
        left = walk.left(side.definition.induction, side.done) if must_walk else ()
        return Standing(why, self._sentences(why, newest, campaign), row, newest, left)

    def _campaign(self, side: Side) -> Campaign | None:
        """The one that asks this person: everybody of the directory."""
        if not side.owner.startswith(PERSON) or self._person(side.owner) is None:
            return None
        return self.campaigns.running(side.definition.policy.slug)

    def _sentences(self, why: tuple[Why, ...], newest: SignOff | None, campaign: Campaign | None) -> tuple[str, ...]:
        by = day_in_words(campaign.by) if campaign else ""
        signed = day_in_words(day_at_school(newest.at)) if newest else ""
        return tuple(say(f"induction.due.{one}", by=by, signed=signed) for one in why)

    # ---------------------------------------------------------------------------------------------------- shown

    def view(  # noqa: PLR0913 (what may be given back)
        self,
        side: Side,
        form: str,
        *,
        answers: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        notice: str = "",
        standing: Standing | None = None,
    ) -> AgreementView:
        """The agreement, with what was filled in and what is wrong with it."""
        definition, standing = side.definition, standing or self.standing(side)
        policy, now = definition.policy, self.clock.now()
        document = document_of(policy)
        filled = self._known(side) if answers is None else answers
        return AgreementView(
            policy=policy.slug,
            title=definition.induction.agreement.title,
            policy_title=policy.title,
            version=policy.version,
            approved=f"{policy.approved:%B %Y}" if policy.approved else "",
            form=form,
            digest=document.digest,
            agreement=Citation.of(policy, definition.agreement, day_at_school(now)),
            binds=self._binds(definition),
            says=(say("induction.agreement_says"),),
            due=standing.due,
            changed=() if standing.newest is None else changed(standing.newest.document, document),
            left=standing.left,
            questions=_questions(definition, filled, errors or {}),
            submit=say("induction.sign"),
            signed=standing.signed,
            notice=notice,
            kept=kept_words(side.owner),
            code=code_of(side.owner),
        )

    def _binds(self, definition: Definition) -> tuple[Bound, ...]:
        policy = definition.policy
        version = policy.version or _UNDATED
        name = say("induction.bound_policy", title=policy.title, version=version)
        path = f"/policies/{quote(policy.slug)}/{quote(version)}"
        known = tuple(Bound(name, address) for name, address in self.addresses.items() if address)
        says = "" if known else say("induction.ask_for_it")
        others = tuple(Bound(one, says=says) for one in definition.induction.agreement.binds)
        return (Bound(name, path), *others, *known)

    def _known(self, side: Side) -> Mapping[str, str]:
        """What the directory knows: to be checked by whoever signs."""
        person = self._person(side.owner)
        if person is None:
            return {}
        roles = roles_in_words(self.directory(), person, day_at_school(self.clock.now()))
        return {"name": person.name, "role": ", ".join(roles)}

    def _person(self, owner: str) -> Person | None:
        return self.directory().find(owner.removeprefix(PERSON)) if owner.startswith(PERSON) else None

    # --------------------------------------------------------------------------------------------------- signed

    def sign(self, side: Side, wanted: SignAgreement) -> SignedView | AgreementView:
        """Signs what was shown, if it is still that; else the agreement again with what is wrong.

        Raises:
            SignOffsDamaged: the record of who signed was changed or cut off.
        """
        form = wanted.form or secrets.token_hex(16)
        answers = {key: " ".join(value.split()) for key, value in wanted.answers.items() if key != "read"}
        answers["read"] = wanted.answers.get("read", "")
        document = document_of(side.definition.policy)
        if wanted.digest != document.digest:
            return self.view(side, form, answers=answers, notice=say("induction.changed_meanwhile"))
        standing = self.standing(side)
        if standing.left:
            return self.view(side, form, answers=answers, notice=say("induction.steps_first"), standing=standing)
        if errors := _errors(answers):
            return self.view(side, form, answers=answers, errors=errors, standing=standing)
        code = "" if side.owner else status_code(self.code_key, "\x1f".join([form, *sorted(answers.values())]))
        signing = Signing(
            owner=side.owner or CODE + code.replace("-", ""),
            document=document,
            agreement=side.definition.agreement.text,
            written=Written(answers["name"], answers["role"], answers["signed"], tuple(answers["read"].splitlines())),
            form=form,
            school=self.directory().schools[0].id,
        )
        try:
            kept = self.sign_offs.sign(signing)
        except NotSurelySigned as failure:
            return self._not_signed(side, form, answers, "perhaps_signed", failure)
        except (*NOT_STORED, MasterKeyWrong) as failure:
            return self._not_signed(side, form, answers, "not_signed", failure)
        back = code or code_of(side.owner)
        sentences = (say("induction.signed_again"), say(f"induction.signed_{'code' if back else 'yours'}"))
        return SignedView(say("induction.signed"), sentences, _row(kept, (), None), back, is_new_code=bool(code))

    def _not_signed(
        self, side: Side, form: str, answers: Mapping[str, str], how: str, failure: Exception
    ) -> AgreementView:
        _log.error("not signed", how=how, cause=type(failure).__name__)  # no more: its words may hold what was written
        return self.view(side, form, answers=answers, notice=say(f"induction.{how}"))

    # ----------------------------------------------------------------------------------------- what was signed

    def signed(self, wanted: OpenSignOffs) -> SignOffsView:
        """What one person has signed, each with what changed since.

        Raises:
            SignOffsDamaged: what was signed was changed.
            SealBroken: what was written does not open.
        """
        now, mine = self.clock.now(), self.sign_offs.of(wanted.owner)
        documents = {one.policy.slug: document_of(one.policy) for one in self.definitions.all()}
        return SignOffsView(
            say("induction.yours"),
            (say("induction.yours_says"),) if mine else (say("induction.yours_none"),),
            tuple(self._listed(one, mine, documents.get(one.signature.policy), now) for one in mine),
            code_of(wanted.owner),
        )

    def _listed(self, one: SignOff, mine: tuple[SignOff, ...], document: Document | None, now: datetime) -> SignOffRow:
        """A sign-off as it is listed: due only where it is the newest of its policy, and that is in force."""
        of_policy = [other for other in mine if other.signature.policy == one.signature.policy]
        if of_policy[0].id != one.id or document is None:
            return replace(_row(one, (), document), stands=False)
        why = reasons([other.counts_as() for other in of_policy], document, now, None)
        return _row(one, self._sentences(why, one, None), document)


def roles_in_words(directory: Directory, person: Person, on: date) -> tuple[str, ...]:
    """What somebody is at the school, or for the trust, on a day."""
    schools = [*(school.id for school in directory.schools), TRUST]
    held = {role for school in schools for role in directory.roles(person.id, school, on)}
    return tuple(say(f"role.{role}") for role in Role if role in held)


def kept_words(owner: str) -> str:
    """How what somebody does here is kept, in a sentence."""
    if owner.startswith(PERSON):
        return say("induction.kept.yours")
    return say("induction.kept.code" if owner else "induction.kept.nothing")


def _row(one: SignOff, due: tuple[str, ...], document: Document | None) -> SignOffRow:
    written = one.written
    return SignOffRow(
        sign_off=one.id,
        policy=one.signature.policy,
        policy_title=one.document.title,
        version=one.document.version,
        signed_at=one.at,
        name=written.name if written else say("induction.deleted"),
        role=written.role if written else "",
        digest=one.document.digest,
        stands=not due,
        due=due,
        changed=() if document is None else changed(one.document, document),
    )


def _questions(
    definition: Definition, filled: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[FormQuestion, ...]:
    source = definition.induction.agreement.clause
    others = " / ".join(definition.induction.agreement.binds)
    read = (Choice(POLICY, definition.policy.title), *((Choice(BOUND, others),) if others else ()))
    asked = [FormQuestion("read", QuestionKind.CHOICES, say("induction.read"), "", source, required=True, choices=read)]
    for key in ("name", "role", "signed"):
        help_ = say("induction.signed_help") if key == "signed" else ""
        ask = say(f"induction.{key}_ask")
        asked.append(FormQuestion(key, QuestionKind.LINE, ask, help_, source, required=True, max_length=LINE))
    return tuple(replace(one, value=filled.get(one.key, ""), error=errors.get(one.key, "")) for one in asked)


def _errors(answers: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by question."""
    errors = {}
    if POLICY not in answers["read"].splitlines():
        errors["read"] = say("induction.read_first")
    for key in ("name", "role", "signed"):
        if not answers.get(key):
            errors[key] = say(f"induction.{key}_missing")
        elif len(answers[key]) > LINE:
            errors[key] = say("induction.too_long", most=LINE)
    if not errors and answers["signed"].casefold() != answers["name"].casefold():
        errors["signed"] = say("induction.not_the_same")
    return errors
