"""Touchstone in Slack: what was verified comes in (inbound), replies go out as blocks (render), attach joins them."""
