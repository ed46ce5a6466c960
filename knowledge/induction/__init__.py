"""The induction of a policy: the walk through it, what is wrong in one, and whether its steps were reviewed."""

from knowledge.induction.walk import FILE, Agreement, Check, Induction, Said, Situation, Skip, Step, read_induction

__all__ = ["FILE", "Agreement", "Check", "Induction", "Said", "Situation", "Skip", "Step", "read_induction"]
