"""Forms, written once as TOML: ``model`` reads them, ``progress`` checks what was filled in."""
