"""Forms, written once as TOML: ``model`` reads them, ``kinds`` knows answers, ``progress`` goes on, ``view`` shows."""
