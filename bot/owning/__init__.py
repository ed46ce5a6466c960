"""Owning: what whoever looks after the policy sees of how it is asked, and what they change in what is answered."""
