from pathlib import Path

import pytest

from bot.desk import Desk
from bot.testing import AtTheDesk, NotHeard, Transcript, Turn, load_transcript, play
from knowledge.datafile import BadDataFile

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.toml"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written_at_the_desk(desk: Desk, path: Path) -> None:
    play(load_transcript(path), AtTheDesk(desk))


@pytest.mark.parametrize(
    "turn",
    [
        Turn(says="what is for lunch today?", hears=("a sentence nobody says",)),
        Turn(says="what is for lunch today?", never_hears=("The policy does not say",)),
        Turn(opens="report_concern", hears=("Is anyone in danger now?", "Who is it about?")),
        Turn(says="both", opens="report_concern"),
        Turn(sends={}),
    ],
)
def test_the_runner_notices_what_goes_otherwise(desk: Desk, turn: Turn) -> None:
    with pytest.raises(NotHeard):
        play(Transcript("wrong on purpose", (turn,)), AtTheDesk(desk))


def test_a_misspelt_key_in_a_transcript_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('about = "x"\n\n[[turn]]\nsays = "hello"\nheers = ["hi"]\n')
    with pytest.raises(BadDataFile, match=r"wrong\.toml:5: unknown key 'turn\.0\.heers'"):
        load_transcript(path)
