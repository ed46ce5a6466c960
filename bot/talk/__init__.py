"""What is asked: questions, and answers from the policy. Knows nothing of cases."""
