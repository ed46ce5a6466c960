"""The pages, a subject a file: the chat, forms, the policy to read, the inbox, signing in."""
