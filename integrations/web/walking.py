"""A verified request about the induction -> Incoming."""

from collections.abc import Mapping

from starlette.requests import Request

from bot.messages import (
    BeginInduction,
    EndCampaign,
    ExportStandings,
    FinishStep,
    JudgeSituation,
    NudgeInduction,
    OpenAgreement,
    OpenInduction,
    OpenInductionLead,
    OpenInductionStep,
    OpenSignOffs,
    SignAgreement,
    StartCampaign,
    TakeCertificate,
)
from integrations.fields import answers
from integrations.web.inbound import owner, page_id

VERDICT_PREFIX = "verdict."
"""What stands before the id of a situation in the name of its choices."""

TICKED = "ticked"
"""What the boxes of a step's checks are called, as a question of a form would be."""

Fields = Mapping[str, str]


def open_induction(request: Request, fields: Fields, person: str | None) -> OpenInduction:
    """The whole walk, by its code or as the person who is signed in."""
    return OpenInduction(owner(fields, person), policy(request, fields))


def begin(request: Request, fields: Fields, person: str | None) -> BeginInduction:
    """A walk that is to be kept."""
    return BeginInduction(owner(fields, person), policy(request, fields))


def open_step(request: Request, fields: Fields, person: str | None) -> OpenInductionStep:
    """The step that the address names."""
    return OpenInductionStep(request.path_params.get("step", ""), owner(fields, person), policy(request, fields))


def judge(request: Request, fields: Fields, person: str | None) -> tuple[JudgeSituation, ...]:
    """What is said of the situation whose button was pressed, which comes last, and of those beside it.

    Nothing where nothing was chosen for that one.
    """
    pressed = fields.get("situation", "")
    given = {name.removeprefix(VERDICT_PREFIX): value for name, value in fields.items() if _is_verdict(name, value)}
    if pressed not in given:
        return ()
    step, whose = str(request.path_params["step"]), owner(fields, person)
    names = [*(name for name in given if name != pressed), pressed]
    return tuple(JudgeSituation(step, name, given[name], whose, policy(request, fields)) for name in names)


def _is_verdict(name: str, value: str) -> bool:
    return name.startswith(VERDICT_PREFIX) and bool(value)


def ticked(fields: Fields) -> tuple[str, ...]:
    """The ids of the checks that are ticked."""
    return tuple(line for line in answers(fields).get(TICKED, "").split("\n") if line)


def finish(request: Request, fields: Fields, person: str | None) -> FinishStep:
    """That the step is done, or skipped."""
    step, is_skipped = str(request.path_params["step"]), bool(fields.get("skip"))
    return FinishStep(step, ticked(fields), is_skipped, owner(fields, person), policy(request, fields))


def open_agreement(request: Request, fields: Fields, person: str | None) -> OpenAgreement:
    """The agreement of the policy that the address names."""
    return OpenAgreement(owner(fields, person), policy(request, fields))


def sign(request: Request, fields: Fields, person: str | None) -> SignAgreement:
    """The agreement as it was signed."""
    given = (page_id(fields, "form"), fields.get("digest", ""), answers(fields))
    return SignAgreement(policy(request, fields), *given, owner(fields, person))


def open_sign_offs(fields: Fields, person: str | None) -> OpenSignOffs:
    """What was signed, by a code or by the person who is signed in."""
    return OpenSignOffs(owner(fields, person))


def certificate(fields: Fields, person: str | None) -> TakeCertificate:
    """The certificate of one signature, or of the newest."""
    return TakeCertificate(owner(fields, person), fields.get("sign_off", ""))


def open_lead(person: str, wanted: str = "") -> OpenInductionLead:
    """Who of the school is where."""
    return OpenInductionLead(person, wanted)


def nudge(fields: Fields, person: str) -> NudgeInduction:
    """Whom to remind; nobody named is everybody who is behind."""
    return NudgeInduction(person, fields.get("whom", ""), fields.get("policy", ""))


def start_campaign(fields: Fields, person: str) -> StartCampaign:
    """By when everybody is asked to sign."""
    return StartCampaign(person, page_id(fields, "form"), answers(fields))


def end_campaign(fields: Fields, person: str) -> EndCampaign:
    """The campaign that is over."""
    return EndCampaign(person, fields.get("campaign", ""))


def export(fields: Fields, person: str) -> ExportStandings:
    """The list, to be taken along."""
    return ExportStandings(person, fields.get("policy", ""))


def policy(request: Request, fields: Fields) -> str:
    """The policy that the address names, else the page; empty for the first."""
    return str(request.path_params.get("policy", "")) or fields.get("policy", "")
