"""What the bot does: it answers from the policy, and receives what staff have to tell."""
