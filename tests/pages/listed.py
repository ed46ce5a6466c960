"""Every page of the product, in each state that somebody may find it in. A new page is a line here.

``make pictures`` writes ``docs/tour.md`` from this list, with a picture of each that has a sentence.
"""

from dataclasses import dataclass
from enum import StrEnum

from tests.pages.house import CHAIR, DSL, HEAD, NEWCOMER, SENDER
from tests.pages.ways import (
    DEPENDS,
    FORBIDDEN,
    NOT_COVERED,
    URGENT,
    Way,
    asked,
    at,
    back_from_elsewhere,
    broken,
    cut_off,
    link,
    press,
    press_first,
    renewed,
    report,
    safe,
    see,
    then,
    tick,
    unfold,
    used_link,
    waiting,
    without_script,
    write,
)


class State(StrEnum):
    """What somebody finds on a page."""

    EMPTY = "empty"
    FILLED = "filled"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page in one state.

    Attributes:
        name: of the test, and of the picture.
        shows: the route whose answer it is, as ``GET /inbox``.
        state: what is found there.
        who: who is signed in, their id in the directory; empty for nobody.
        says: a sentence for the tour; empty for what is not in it.
        address: where it is; without one, the route with its blanks filled in (``House.places``).
        way: how to get there, where no address leads.
        status: of the answer.
        complains: what the browser complains of there and may.
    """

    name: str
    shows: str
    state: State = State.FILLED
    who: str = ""
    says: str = ""
    address: str = ""
    way: Way | None = None
    status: int = 200
    complains: tuple[str, ...] = ()


OWNER = "demo-policy-owner"
EMPTY, FILLED, ERROR = State.EMPTY, State.FILLED, State.ERROR
CASE, MISTAKEN = "/inbox/{reference}", "/inbox/{mistaken}"
CODE = "Your code"
SEND = "Send your question to the policy owner"

PAGES = (
    # the chat
    Listed("chat", "GET /", EMPTY, address="/", says="Anybody asks in their own words; nothing typed is stored."),
    Listed(
        "chat-depends",
        "GET /",
        way=asked(DEPENDS),
        says="The verdict in the first line, what it turns on as buttons, the clause word for word.",
    ),
    Listed(
        "chat-no",
        "GET /",
        way=then(asked(FORBIDDEN), unfold("Show the whole section"), see(".section")),
        says="The clause opens in its section without leaving the conversation.",
    ),
    Listed(
        "chat-not-covered",
        "GET /",
        way=then(asked(NOT_COVERED), press(SEND), see(".owner-question")),
        says="The policy does not say: the words that would be sent to its owner are shown first, and nothing "
        "else is sent.",
    ),
    Listed("chat-sent", "GET /", way=then(asked(NOT_COVERED), press(SEND), press("Send"), see(".noted"))),
    Listed(
        "chat-urgent",
        "GET /",
        way=asked(URGENT),
        says="A child at risk comes first: what to do now, whom to ring, then the form.",
    ),
    Listed("chat-waiting", "GET /", EMPTY, way=waiting),
    Listed(
        "chat-lost",
        "GET /",
        ERROR,
        way=cut_off,
        complains=("ERR_FAILED", "htmx:"),
        says="Where the connection is lost, the question stays in the box.",
    ),
    Listed(
        "ask",
        "POST /ask",
        way=without_script(asked(DEPENDS)),
        says="Without script the same answer is a page of its own.",
    ),
    Listed("ask-nothing", "POST /ask", ERROR, way=without_script(then(at("/"), press("Ask"))), status=422),
    Listed("facts", "POST /facts", way=without_script(then(asked(DEPENDS), press("18 or over")))),
    Listed("ratings", "POST /ratings", way=without_script(then(asked(DEPENDS), press("No")))),
    Listed("question", "POST /questions/new", way=without_script(then(asked(NOT_COVERED), press(SEND)))),
    Listed(
        "question-sent", "POST /questions", way=without_script(then(asked(NOT_COVERED), press(SEND), press("Send")))
    ),
    Listed(
        "question-empty",
        "POST /questions",
        ERROR,
        way=without_script(
            then(asked(NOT_COVERED), press(SEND), write("The words that will be sent", ""), press("Send"))
        ),
        status=422,
    ),
    # telling someone
    Listed("forms", "GET /forms", EMPTY, address="/forms", says="Tell someone stands on every page and leads here."),
    Listed(
        "forms-drafts",
        "GET /forms",
        who=NEWCOMER,
        way=then(
            report,
            press("Save and leave"),
            see(".draft-kept"),
            lambda page: page.goto(page.url.replace("/drafts/kept", "/forms")),
        ),
    ),
    Listed("form", "GET /forms/{name}", EMPTY, says="A report is three questions; it says first who reads it."),
    Listed("form-contact", "GET /forms/{name}", EMPTY, address="/forms/disclose_contact"),
    Listed("form-permission", "GET /forms/{name}", EMPTY, address="/forms/ask_permission"),
    Listed("form-judgement", "GET /forms/{name}", EMPTY, address="/forms/explain_judgement"),
    Listed("form-agreement", "GET /forms/{name}", EMPTY, address="/forms/sign_agreement"),
    Listed("form-none", "GET /forms/{name}", ERROR, address="/forms/none", status=404),
    Listed(
        "form-wrong",
        "POST /forms/{name}",
        ERROR,
        way=then(report, press("Send the report"), see("#summary")),
        status=422,
        says="What is missing is said at the top and at its place, and nothing typed is lost.",
    ),
    Listed(
        "receipt",
        "POST /forms/{name}",
        way=then(report, safe, press("Send the report"), see(".receipt")),
        says="The receipt comes once the report is stored: reference, code, whom to ring.",
    ),
    Listed("form-begun", "POST /forms/{name}/begin", way=then(asked(URGENT), press("Report a concern"))),
    Listed("form-continued", "POST /forms/{name}/continue", way=without_script(then(report, press("Continue")))),
    Listed(
        "draft-kept",
        "GET /drafts/kept",
        way=then(report, press("Save and leave")),
        says="Half filled in, it can be left and come back to by a code.",
    ),
    Listed(
        "draft-unknown",
        "GET /drafts",
        ERROR,
        says="A code that opens nothing is said to open nothing.",
        way=then(at("/forms"), write(CODE, "AAAA-AAAA"), press("Open it")),
        status=404,
    ),
    Listed("draft-discarded", "POST /drafts/discard", way=then(report, press("Save and leave"), press("Discard it"))),
    Listed("reports", "GET /reports", EMPTY, address="/reports"),
    Listed(
        "reports-own",
        "GET /reports",
        who=SENDER,
        address="/reports",
        says="A sender sees how far it has come, without its content.",
    ),
    Listed(
        "reports-unknown",
        "GET /reports",
        ERROR,
        way=then(at("/reports"), write(CODE, "AAAA-AAAA"), press("Show")),
        status=404,
    ),
    # the policy
    Listed("policies", "GET /policies", says="The policies that answers are quoted from."),
    Listed(
        "policy", "GET /policies/{document:path}", says="A policy, clause by clause, each with an address of its own."
    ),
    Listed("policy-none", "GET /policies/{document:path}", ERROR, address="/policies/none/1.0", status=404),
    # whoever receives
    Listed("inbox", "GET /inbox", who=DSL, says="A DSL's inbox: what is new and urgent first."),
    Listed("inbox-empty", "GET /inbox", EMPTY, who=CHAIR),
    Listed("inbox-closed", "GET /inbox", ERROR, status=403),
    Listed(
        "case",
        "GET /inbox/{reference}",
        who=DSL,
        says="A case: what was told, what can be done, who has seen it, all that happened.",
    ),
    Listed(
        "case-done",
        "GET /inbox/{reference}",
        who=DSL,
        way=then(at("/inbox/{urgent}"), press("I have it"), see(".done")),
    ),
    Listed(
        "case-wrong",
        "POST /inbox/{reference}",
        ERROR,
        who=DSL,
        way=then(at(CASE), unfold("Close it"), press("Close the case"), see("#summary")),
        status=422,
    ),
    Listed("case-not-theirs", "GET /inbox/{reference}", ERROR, who=CHAIR, address=CASE, status=404),
    Listed(
        "case-signed-out",
        "GET /inbox/{reference}",
        ERROR,
        address=CASE,
        status=403,
        says="A case opens to a fresh sign-in alone, and the sign-in leads back to it.",
    ),
    Listed(
        "review", "GET /inbox/review", who=DSL, says="What is due to be deleted goes when somebody has looked at it."
    ),
    Listed("review-empty", "GET /inbox/review", EMPTY, who=CHAIR),
    Listed(
        "review-wrong",
        "POST /inbox/review/{reference}",
        ERROR,
        who=DSL,
        way=then(at("/inbox/review"), unfold("Delete what was told"), press("Delete it for good"), see("#summary")),
        status=422,
    ),
    Listed(
        "mine",
        "GET /mine",
        who=SENDER,
        says="What somebody reported themselves: they are asked here, answer here, and take all of it along.",
    ),
    Listed("mine-empty", "GET /mine", EMPTY, who=CHAIR),
    Listed(
        "mine-wrong",
        "POST /mine/{reference}",
        ERROR,
        who=SENDER,
        way=then(at("/mine"), press("Send the answer"), see("#summary")),
        status=422,
    ),
    # the induction
    Listed(
        "induction",
        "GET /induction",
        EMPTY,
        says="Somebody new is walked through the policy: signed in, or by a code that no browser keeps.",
    ),
    Listed("induction-known", "GET /induction", who=NEWCOMER),
    Listed(
        "induction-to-sign",
        "GET /induction/of/{policy}",
        who=SENDER,
        says="The walk: which steps are done, where to go on, and what is signed at its end.",
    ),
    Listed(
        "induction-code",
        "GET /induction/of/{policy}",
        way=then(at("/induction"), press("Begin, with a code to come back"), see(".reference")),
    ),
    Listed(
        "induction-no-code",
        "POST /induction",
        ERROR,
        way=then(at("/induction"), write("Your code", "2345-6789-2345"), press("Open it")),
        status=404,
    ),
    Listed(
        "induction-step",
        "GET /induction/of/{policy}/steps/{step}",
        EMPTY,
        says="A step says in plain words what the policy asks, over its clauses; then something to judge, or to tick.",
    ),
    Listed(
        "induction-judged",
        "GET /induction/of/{policy}/steps/{step}",
        who=DSL,
        way=then(
            at("/induction/of/{policy}/steps/{step}"),
            tick("No"),
            press_first("See what the policy says"),
            see(".judged"),
        ),
        says="What somebody says to a situation is answered by the ruling, and scored nowhere.",
    ),
    Listed(
        "induction-left",
        "GET /induction/of/{policy}/steps/{step}",
        who=DSL,
        way=then(at("/induction/of/{policy}/steps/{step}"), press("Go on"), see("#summary")),
    ),
    Listed(
        "induction-none",
        "GET /induction/of/{policy}/steps/{step}",
        ERROR,
        way=at("/induction/of/{policy}/steps/none"),
        status=404,
    ),
    Listed(
        "agreement",
        "GET /induction/of/{policy}/agreement",
        who=SENDER,
        says="The agreement is shown whole, with what it binds to, before it is signed.",
    ),
    Listed("agreement-first-steps", "GET /induction/of/{policy}/agreement", EMPTY, who=NEWCOMER),
    Listed(
        "agreement-wrong",
        "POST /induction/of/{policy}/sign",
        ERROR,
        who=SENDER,
        way=then(at("/induction/of/{policy}/agreement"), press("Sign"), see("#summary")),
        status=422,
    ),
    Listed("signed", "GET /induction/signed", who=HEAD, says="What somebody signed stands there, with a certificate."),
    Listed("signed-by-code", "GET /induction/signed", EMPTY),
    Listed(
        "induction-sign-in",
        "GET /induction/sign-in",
        ERROR,
        status=403,
        says="Whoever wants their walk under their name signs in first.",
    ),
    Listed(
        "induction-lead",
        "GET /induction/lead",
        who=NEWCOMER,
        says="Whoever looks after induction sees who is where, reminds, and asks the whole staff to sign.",
    ),
    Listed("induction-lead-closed", "GET /induction/lead", ERROR, status=403),
    Listed(
        "campaign-wrong",
        "POST /induction/lead/campaign",
        ERROR,
        who=NEWCOMER,
        way=then(at("/induction/lead"), unfold("Ask the whole staff"), press("Ask everybody to sign"), see("#summary")),
        status=422,
    ),
    # signing in
    Listed(
        "sign-in", "GET /sign-in/{token}", way=link, says="On this machine people sign in by a link that works once."
    ),
    Listed("sign-in-unknown", "GET /sign-in/{token}", ERROR, address="/sign-in/none", status=404),
    Listed("sign-in-used", "POST /sign-in/{token}", ERROR, way=used_link, status=404),
    Listed(
        "sign-in-back",
        "GET /sign-in/with/{platform}/back",
        way=back_from_elsewhere,
        says="Back from Slack or Microsoft, a page of our own leads on.",
    ),
    Listed(
        "sign-in-refused",
        "GET /sign-in/with/{platform}/done",
        ERROR,
        status=403,
        says="Whom the school does not know is not signed in.",
    ),
    Listed(
        "account",
        "GET /account",
        who=DSL,
        says="Whoever is signed in sees where, ends it everywhere, and confirms who holds a role.",
    ),
    Listed("account-waiting", "GET /account", EMPTY, who="new-deputy"),
    Listed(
        "account-renewed",
        "POST /account/confirm",
        ERROR,
        who=DSL,
        way=renewed(at("/account"), lambda page: page.locator("button").get_by_text("Confirm").first.click()),
        status=403,
    ),
    Listed(
        "account-still",
        "POST /account/sign-out-everywhere",
        ERROR,
        who=DSL,
        way=renewed(at("/account"), press("Sign out everywhere")),
        status=403,
    ),
    Listed(
        "signed-in-still", "POST /sign-out", ERROR, who=DSL, way=renewed(at("/account"), press("Sign out")), status=403
    ),
    # the policy owner
    Listed(
        "owner-version",
        "GET /owner/versions/{policy}/{item}",
        who=OWNER,
        address="/owner/versions/{policy}/2.0",
        says="A version beside the one in force: what it touches, reviewed one by one.",
    ),
    Listed(
        "owner-draft-wrong",
        "POST /owner/draft",
        ERROR,
        who=OWNER,
        way=then(at("/owner/draft"), lambda page: page.locator("main button").last.click()),
        status=422,
    ),
    Listed(
        "owner",
        "GET /owner",
        who=OWNER,
        says="The policy owner: what was asked, grouped by meaning, and what is to do.",
    ),
    Listed("owner-not", "GET /owner", ERROR, who=DSL, status=404),
    Listed(
        "owner-question",
        "GET /owner/questions/{item}",
        who=OWNER,
        says="A question that was sent: one press makes a phrasing of it.",
    ),
    Listed(
        "owner-figures",
        "GET /owner/figures",
        who=OWNER,
        says="Counts over time, readable without colour, with the numbers as a table.",
    ),
    Listed("owner-rulings", "GET /owner/rulings", who=OWNER, says="Every ruling, and which wait for review."),
    Listed(
        "owner-ruling",
        "GET /owner/rulings/{policy}/{item}",
        who=OWNER,
        address="/owner/rulings/{policy}/{ruling}",
        says="One ruling with its clauses as they were reviewed.",
    ),
    Listed(
        "owner-step",
        "GET /owner/steps/{policy}/{item}",
        who=OWNER,
        address="/owner/steps/{policy}/your-phone",
        says="One step of the induction with its clauses, to be read against them.",
    ),
    Listed(
        "owner-draft",
        "GET /owner/draft",
        EMPTY,
        who=OWNER,
        says="A ruling is drafted in a form, with what the checker says.",
    ),
    Listed("owner-health", "GET /owner/health", who=OWNER, says="What is wrong in the document itself."),
    Listed(
        "owner-versions",
        "GET /owner/versions",
        who=OWNER,
        says="Versions: what is in force, put in, published, rolled back.",
    ),
    Listed("owner-changes", "GET /owner/changes", EMPTY, who=OWNER, says="Who changed which knowledge, and when."),
    # what goes wrong
    Listed(
        "broken",
        "GET /forms",
        ERROR,
        way=broken,
        status=500,
        says="Where something breaks, a page says so, with a number for whoever looks after it.",
    ),
)

NO_PAGES = {
    "GET /static/{name}": "a file that pages load",
    "GET /healthz": "a word for a machine",
    "GET /heartbeat": "a word for a machine",
    "GET /section": "a piece for the chat; by its address it leads into the policy",
    "GET /inbox/{reference}/attachments/{attachment}": "a file",
    "POST /inbox/export": "a file",
    "POST /inbox/{reference}/export": "a file",
    "POST /mine/file": "a file",
    "POST /induction/signed/certificate": "a file",
    "POST /induction/lead/file": "a file",
    **dict.fromkeys(
        (
            "POST /owner",
            "POST /owner/questions/{item}",
            "POST /owner/figures",
            "POST /owner/rulings",
            "POST /owner/rulings/{policy}/{item}",
            "POST /owner/steps/{policy}/{item}",
            "POST /owner/health",
            "POST /owner/versions",
            "POST /owner/versions/{policy}/{item}",
            "POST /owner/changes",
        ),
        "leads to the page of its address, or gives that back with what is wrong",
    ),
    **dict.fromkeys(
        (
            "GET /ask",
            "GET /facts",
            "GET /ratings",
            "GET /questions/new",
            "GET /questions",
            "GET /forms/{name}/begin",
            "GET /forms/{name}/continue",
            "GET /forms/{name}/save",
            "POST /forms/{name}/save",
            "GET /drafts/discard",
            "POST /drafts",
            "POST /reports",
            "GET /induction/agreement",
            "POST /induction/agreement",
            "POST /induction/of/{policy}",
            "POST /induction/of/{policy}/agreement",
            "POST /induction/of/{policy}/steps/{step}",
            "POST /induction/signed",
            *(
                f"{method} /induction/of/{{policy}}/{act}"
                for act in ("begin", "steps/{step}/judge", "steps/{step}/finish")
                for method in ("GET", "POST")
            ),
            "GET /induction/of/{policy}/sign",
            "GET /induction/signed/certificate",
            *(f"GET /induction/lead/{act}" for act in ("nudge", "campaign", "end", "file")),
            "POST /induction/lead/nudge",
            "POST /induction/lead/end",
            "GET /sign-in/with/{platform}",
        ),
        "leads elsewhere",
    ),
}
"""What no page is made of, and what it is instead."""
