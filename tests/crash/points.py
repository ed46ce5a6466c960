"""The named points at which a process is killed: those of a report, of a notice, and of a next step."""

from bot.ports import GOING_ON, RECEIVING, SENDING

MID_SEND = "mid_send"
"""The platform has taken a notice, and has not yet said so: the one point that is the platform's and not ours."""

POINTS = (*(stage.value for stage in RECEIVING), MID_SEND, *(stage.value for stage in (*SENDING, *GOING_ON)))
