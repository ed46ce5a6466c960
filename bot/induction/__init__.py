"""The half that walks people through a policy and keeps what they sign."""
