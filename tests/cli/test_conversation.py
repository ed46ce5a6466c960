"""`touchstone ask` as a conversation: at a real terminal (a pseudo-terminal) and through a pipe."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.messages import Answer, Intent, Refusal, Reply
from bot.wording import say
from integrations.cli import conversation
from integrations.cli.colours import LOOKS, SIGNS
from integrations.cli.render import Part
from knowledge.errors import TouchstoneError
from knowledge.rulings import Verdict
from tests.built import stand

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
FOLLOWER = "can I accept a former pupil as a follower?"
COLUMNS = 60
PATIENCE = 60
_STYLING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A terminal of 60 columns with a program in it."""

    def __init__(self, *command: str, **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}  # noqa: TID251 (for the process)
        self.process = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**clean, "TERM": "xterm-256color", **environment},
            start_new_session=True,
            preexec_fn=_as_a_shell_would,  # noqa: PLW1509 (no other thread runs here)
        )
        os.close(theirs)
        self.raw = ""

    def until(self, words: str) -> str:
        """What has come since the last time, up to and with these words."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.raw:
            assert time.monotonic() < deadline, self.raw
            assert self._read(), self.raw
        before, _, self.raw = self.raw.partition(words)
        return before + words

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def press(self, key: str, until: str) -> None:
        """Python can miss a Ctrl-C that comes between its prompt and its waiting; a person presses it again."""
        deadline = time.monotonic() + PATIENCE
        while until not in self.raw:
            assert time.monotonic() < deadline, self.raw
            self.type(key)
            while until not in self.raw and self._read(within=3):
                pass

    def end(self) -> str:
        """What is left to read, once the program has ended."""
        while self._read():
            pass
        self.process.wait(PATIENCE)
        return self.raw

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read(self, within: float = PATIENCE) -> bool:
        if not select.select([self._ours], [], [], within)[0]:
            return False
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # how Linux says that nobody is at the other end
            return False
        self.raw += chunk.decode(errors="replace")
        return bool(chunk)


def _as_a_shell_would() -> None:
    """Ctrl-C reaches the program in this terminal, and does what it does."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored


Open = Callable[..., Terminal]


@pytest.fixture
def var(tmp_path: Path, snapshots: Path) -> Path:
    stand(tmp_path, snapshots)
    return tmp_path


@pytest.fixture
def open_terminal(var: Path) -> Iterator[Open]:
    """Opens a terminal with `touchstone ask` in it."""
    opened: list[Terminal] = []

    def start(*words: str, **environment: str) -> Terminal:
        opened.append(Terminal(TOUCHSTONE, "ask", *words, TOUCHSTONE_VAR=str(var), HOME=str(var), **environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def _plain(var: Path, *words: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 (our own command)
        [TOUCHSTONE, "ask", *words],
        input=typed,
        env={**os.environ, "TOUCHSTONE_VAR": str(var), **environment},  # noqa: TID251 (for the process)
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _seen(raw: str) -> list[str]:
    return _STYLING.sub("", raw).replace("\r\n", "\n").split("\n")


def test_at_a_terminal_an_answer_is_wrapped_to_its_width_with_the_clause_set_in(open_terminal: Open, var: Path) -> None:
    seen = _seen(open_terminal(FOLLOWER).end())
    assert max(map(len, seen)) <= COLUMNS
    begin = next(number for number, line in enumerate(seen) if line.startswith("  “Staff should not accept"))
    clause = seen[begin : begin + 5]
    assert all(line.startswith("  ") and not line.startswith("   ") for line in clause if line)
    told = " ".join(" ".join(seen).split())
    for line in _plain(var, FOLLOWER).stdout.splitlines():
        assert " ".join(line.split()) in told  # no word is lost, none is there in colour alone


def test_the_verdict_has_colour_and_a_sign(open_terminal: Open) -> None:
    assert open_terminal(FOLLOWER).end().startswith("\x1b[1;33m? ")
    assert open_terminal("what is for lunch on friday").end().startswith("\x1b[1;35m– ")  # noqa: RUF001 (a dash)
    verdicts = [Part(verdict) for verdict in Verdict]
    assert len({LOOKS[part] for part in verdicts}) == len({SIGNS[part] for part in verdicts}) == len(Verdict)
    assert set(LOOKS) == set(Part)


def test_without_a_terminal_there_is_no_colour_no_sign_and_no_wrapping(var: Path) -> None:
    for environment in ({}, {"COLUMNS": "40"}, {"FORCE_COLOR": "1"}):
        ran = _plain(var, FOLLOWER, **environment)
        assert "\x1b" not in ran.stdout
        assert "§" not in ran.stdout
        assert max(map(len, ran.stdout.split("\n"))) > 200


def test_no_color_is_honoured_and_a_terminal_that_can_do_nothing_gets_nothing(open_terminal: Open) -> None:
    without = open_terminal(FOLLOWER, NO_COLOR="1").end()
    assert without.removeprefix("\x1b[1m").startswith("? ")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", without)
    assert "\x1b" not in open_terminal(FOLLOWER, TERM="dumb").end()


@pytest.mark.parametrize("farewell", ["\n", "bye\n", "Bye!\n", "quit\n", "\x04"])
def test_a_conversation_at_a_terminal_goes_on_until_a_farewell(open_terminal: Open, farewell: str) -> None:
    terminal = open_terminal()
    greeting = terminal.until(conversation.PROMPT)
    assert "Ask in your own words." in greeting
    terminal.type("can I lend a colleague my password\n")
    assert "In danger now" in " ".join(terminal.until("\r\n\r\n> ").split())
    terminal.type("?\n")
    assert "Ask what the policy says" in terminal.until("\r\n\r\n> ")
    terminal.type(farewell)
    assert terminal.end().rstrip().endswith("Goodbye.")
    assert terminal.process.returncode == 0


def test_ctrl_c_at_the_prompt_ends_it_politely(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.until(conversation.PROMPT)
    terminal.type("half a quest")
    terminal.until("half a quest")
    terminal.press("\x03", until="Goodbye.")
    terminal.end()
    assert terminal.process.returncode == 0


def test_the_arrow_key_brings_back_what_was_asked_and_nothing_of_it_is_written_to_a_file(
    open_terminal: Open, var: Path
) -> None:
    terminal = open_terminal()
    terminal.until(conversation.PROMPT)
    terminal.type("zebra crossing duty\n")
    terminal.until("\r\n\r\n> ")
    terminal.type("\x1b[A")
    terminal.until("zebra crossing duty")
    terminal.type("\x15\n")  # Ctrl-U empties the line
    terminal.end()
    for path in var.iterdir():
        assert path.is_dir() or b"zebra" not in path.read_bytes()
    assert {path.name for path in var.iterdir()} == {"snapshots", "encoder"}


def test_a_terminal_that_is_closed_ends_the_conversation(open_terminal: Open) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, and would be by our child
    terminal = open_terminal()
    signal.signal(signal.SIGHUP, before)
    terminal.until(conversation.PROMPT)
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(PATIENCE) != 0


@pytest.mark.parametrize("end", ["", "\n", "bye\n", "exit\nphones\n"])
def test_a_conversation_through_a_pipe_answers_line_by_line_and_ends(var: Path, end: str) -> None:
    ran = _plain(var, typed=f"{FOLLOWER}\nwhat is for lunch on friday\n{end}")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("Goodbye.\n")
    assert ran.stdout.count("In danger now: 999.") == 2
    answer = _plain(var, FOLLOWER).stdout
    assert ran.stdout.startswith(f"{say('terminal.greeting')}\n> {answer}\n> ")


def _talk(typed: list[str], ask: Callable[[str], Reply], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rest = iter(typed)
    monkeypatch.setattr("builtins.input", lambda _: next(rest))
    told: list[str] = []
    conversation.converse(
        lambda line: (ask(line),), lambda reply: told.append(f"shown: {type(reply).__name__}"), told.append
    )
    return told


def test_an_error_in_one_question_does_not_end_the_conversation_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoRoomError(TouchstoneError):
        """There is no room; make some."""

    errors = iter([ValueError("canary"), NoRoomError(), None])

    def ask(_: str) -> Reply:
        error = next(errors)
        if error is not None:
            raise error
        return Answer(Intent.QUESTION, Verdict.INFO, "Yes.")

    told = _talk(["a canary", "b", "c", ""], ask, monkeypatch)
    assert (
        told[1] == "That could not be answered: something went wrong here (ValueError). Ask again, or in other words."
    )
    assert told[3] == "There is no room; make some."
    assert told[5] == "shown: Answer"
    assert "canary" not in " ".join(told)


def test_ctrl_c_while_an_answer_is_looked_for_ends_it_politely(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_: str) -> Reply:
        raise KeyboardInterrupt

    assert _talk(["phones"], ask, monkeypatch)[-1] == "Goodbye."


def test_help_is_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _talk(["HELP", "?", "help me", "goodbye"], lambda _: Refusal("No."), monkeypatch)
    assert told.count(say("terminal.help")) == 2
    assert told.count("shown: Refusal") == 1
