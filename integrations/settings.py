"""Settings: the only module that reads the environment. Each begins with TOUCHSTONE_; docs/settings.md lists them."""

import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import TouchstoneError

if TYPE_CHECKING:
    from sqlalchemy import URL

PROJECT = Path(__file__).parents[1]

_HANDED_ON = frozenset(
    {"HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OPENBLAS_NUM_THREADS", "PATH", "PYTHONPATH", "TMPDIR", "TZ"}
)
"""What of the environment a process of ours inherits: by name, so that no key or token ever is among it."""

_OTHERS = frozenset({"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"})
"""Where both are set slack-bolt looks for tokens in files below the home folder, whatever it is given."""


class BadSetting(TouchstoneError):
    """A setting in the environment cannot be used; correct it or take it out."""


class KeysNotApart(TouchstoneError):
    """Keys lie apart from what they open: TOUCHSTONE_DATABASE and TOUCHSTONE_KEYS_DATABASE must be two databases."""


class NotOnThisMachine(TouchstoneError):
    """Without sign-in the web chat listens on this machine alone; set TOUCHSTONE_HOST=127.0.0.1."""


class Settings(BaseSettings):
    """What can be set."""

    model_config = SettingsConfigDict(
        env_prefix="TOUCHSTONE_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = Field(
        default="127.0.0.1", description="The address to listen on; an address of this machine's own loopback."
    )
    port: int = Field(default=8080, ge=1, le=65535, description="The port to listen on.")
    var: Path = Field(default=PROJECT / "var", description="The folder for all that is kept: snapshots, records, keys.")
    database: SecretStr | None = Field(
        default=None,
        description="The database of what was told: postgresql://user@host/name. Without one: a file.",
    )
    keys_database: SecretStr | None = Field(
        default=None,
        description="The database of the keys, never the one of what was told. Without one: a file.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="The master key, 32 bytes in base64. Prefer the file: an environment is easier to read.",
    )
    master_key_file: Path | None = Field(
        default=None, description="The file that holds the master key. Without one: keys/master.key in the data folder."
    )

    mode: Literal["demonstration", "live"] = Field(
        default="demonstration",
        description="demonstration, to try it with nobody real; or live, which wants the school's papers first.",
    )

    attachments: bool = Field(
        default=False, description="Whether files can be attached to a report: on or off. Decide it with the DSL."
    )

    handbook: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Where the school's staff handbook can be read: its address. The staff agreement binds to it.",
    )
    code_of_conduct: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Where the school's code of conduct can be read: its address. The staff agreement binds to it.",
    )

    address: str = Field(
        default="",
        pattern=r"^(https?://[^/\s?#]+)?$",
        description="The address that a notice leads to, without a path. Without one: that of this machine.",
    )
    mail_host: str = Field(default="", description="The mail server (SMTP) that notices go by. Without one: no mail.")
    mail_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the way to it is encrypted: starttls, tls (from the first byte, port 465), or none.",
    )
    mail_from: str = Field(default="", description="The address that notices come from.")
    mail_user: str = Field(default="", description="The user to sign in as. Without one: no sign-in.")
    mail_password: SecretStr | None = Field(
        default=None, description="The password of that user. Prefer the file: an environment is easier to read."
    )
    mail_password_file: Path | None = Field(default=None, description="The file that holds the password of that user.")

    slack_bot_token: SecretStr | None = Field(
        default=None,
        description="The bot token of the one workspace, xoxb-... Prefer the file: an environment is easier to read.",
    )
    slack_bot_token_file: Path | None = Field(default=None, description="The file that holds the bot token.")
    slack_app_token: SecretStr | None = Field(
        default=None,
        description="The app-level token, xapp-..., for Socket Mode, which needs no public address. Prefer the file.",
    )
    slack_app_token_file: Path | None = Field(default=None, description="The file that holds the app-level token.")
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        description="The signing secret, for HTTP mode; not needed in Socket Mode. Prefer the file.",
    )
    slack_signing_secret_file: Path | None = Field(default=None, description="The file that holds the signing secret.")
    slack_client_id: str = Field(
        default="", description="The client id, for signing in with Slack and for several workspaces."
    )
    slack_client_secret: SecretStr | None = Field(
        default=None, description="The client secret that belongs to it. Prefer the file."
    )
    slack_client_secret_file: Path | None = Field(default=None, description="The file that holds the client secret.")
    slack_workspaces: str = Field(
        default="",
        pattern=r"^(T[A-Z0-9]{1,31}([ ,]+T[A-Z0-9]{1,31})*)?$",
        description="The ids of the workspaces that are let in, T..., with commas between. Nobody of another is.",
    )

    @property
    def here(self) -> str:
        """The address that people open, without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.address or f"http://{host}:{self.port}"

    @property
    def attached(self) -> Path:
        """Where attached files lie, each sealed under its case's key."""
        return self.var / "attachments"

    @property
    def is_live(self) -> bool:
        """Whether real people are spoken of here."""
        return self.mode == "live"

    @property
    def papers(self) -> Path:
        """Where the school says which papers it has."""
        return self.var / "library" / "data-protection.toml"

    @property
    def slack_teams(self) -> tuple[str, ...]:
        """The ids of the Slack workspaces that are let in, each once."""
        return tuple(dict.fromkeys(self.slack_workspaces.replace(",", " ").split()))

    @property
    def slack_mode(self) -> Literal["none", "socket", "http"]:
        """How Slack reaches us: not at all, by a connection that we open (Socket Mode), or at our address.

        Where both an app-level token and a signing secret are set, it is Socket Mode.
        """
        if self.slack_app_token or self.slack_app_token_file:
            return "socket"
        return "http" if self.slack_signing_secret or self.slack_signing_secret_file else "none"

    def secret(self, name: str) -> str:
        """What a secret setting holds, from its file where one is named; empty where it is not set.

        Args:
            name: the setting in small letters, without ``_file``.

        Raises:
            BadSetting: its file cannot be read, or holds nothing.
        """
        file: Path | None = getattr(self, f"{name}_file")
        given: SecretStr | None = getattr(self, name)
        if file is None:
            return given.get_secret_value().strip() if given else ""
        try:
            held = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            held = ""
        if not held:
            raise BadSetting(f"TOUCHSTONE_{name.upper()}_FILE: {file} cannot be read, or is empty")
        return held

    @property
    def snapshots(self) -> Path:
        """Where snapshots are built and published."""
        return self.var / "snapshots"

    @property
    def encoder(self) -> Path:
        """Where the encoder's weights lie with our adapter in them, 90 MB; made again when they are missing."""
        return self.var / "encoder"

    @property
    def records(self) -> Path:
        """The file of what was told, where no other database is set."""
        return self.var / "records" / "records.sqlite3"

    @property
    def deletions(self) -> Path:
        """The log of what was purged, apart from both databases: a restore goes by it."""
        return self.var / "deletions.log"

    @property
    def insights(self) -> Path:
        """The database of what was said of answers, apart from what was told."""
        return self.var / "insights" / "insights.sqlite3"

    @property
    def directory(self) -> Path:
        """The school's own directory; where there is none, the demonstration's invented people stand in."""
        return self.var / "library" / "directory.toml"

    @property
    def calendar(self) -> Path:
        """The school's calendar; where there is none, Monday to Friday until half past three."""
        return self.var / "library" / "calendar.toml"

    @property
    def retention(self) -> Path:
        """The school's own periods for which what was told is kept; where there are none, those that come with it."""
        return self.var / "library" / "retention.toml"

    @property
    def overlay(self) -> Path:
        """What the school adds to the knowledge that is shipped: a folder for each policy."""
        return self.var / "library" / "policies"

    def environment(self) -> dict[str, str]:
        """The environment of a process of ours that works on the same data folder: no setting but that, no secret."""
        kept = {name: value for name, value in os.environ.items() if name in _HANDED_ON}  # noqa: TID251 (these are the settings)
        return {**kept, "TOUCHSTONE_VAR": str(self.var)}

    @property
    def keys(self) -> Path:
        """The folder of keys, apart from the records; the master key lies there even if another database is set."""
        return self.var / "keys"

    @property
    def records_address(self) -> "URL":
        """The database of what was told. Its password is in no repr of it.

        Raises:
            BadAddress: the one that is set is none.
        """
        from bot.engines import address  # noqa: PLC0415 (a question needs no database's libraries)

        return address(self.database.get_secret_value() if self.database else self.records)

    @property
    def keys_address(self) -> "URL":
        """The database of the keys.

        Raises:
            BadAddress: the one that is set is none.
        """
        from bot.engines import address  # noqa: PLC0415 (a question needs no database's libraries)

        return address(self.keys_database.get_secret_value() if self.keys_database else self.keys / "keys.sqlite3")

    @property
    def key_file(self) -> Path:
        """Where the master key is read from, or made on the first start."""
        return self.master_key_file or self.keys / "master.key"


def read_settings() -> Settings:
    """Reads the settings from the environment.

    Raises:
        BadSetting: one has a value that it cannot have.
        KeysNotApart: what was told and its keys would lie in one database.
        NotOnThisMachine: the host is not this machine's loopback.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadSetting(f"TOUCHSTONE_{str(first['loc'][0]).upper()}: {first['msg']}") from None
    _check_databases(settings)
    _check_mail(settings)
    _check_slack(settings)
    if not _is_loopback(settings.host):
        raise NotOnThisMachine(f"TOUCHSTONE_HOST is {settings.host}")
    return settings


def _check_databases(settings: Settings) -> None:
    """By their addresses alone; whether two addresses lead to one place is seen when they are opened.

    Raises:
        BadSetting: an address is none.
        KeysNotApart: they are the same.
    """
    if settings.database is None and settings.keys_database is None:
        return
    from bot.engines import BadAddress, named  # noqa: PLC0415 (as above)

    try:
        setting = "TOUCHSTONE_DATABASE"
        records = settings.records_address
        setting = "TOUCHSTONE_KEYS_DATABASE"
        keys = settings.keys_address
    except BadAddress as problem:
        raise BadSetting(f"{setting}: {problem}") from None
    if named(records) == named(keys):
        raise KeysNotApart(named(records))


def _check_mail(settings: Settings) -> None:
    """That mail is set whole or not at all, and encrypted wherever it leaves this machine.

    Raises:
        BadSetting: it is not.
    """
    if not settings.mail_host:
        return
    if "@" not in settings.mail_from.strip("@") or not settings.mail_from.isprintable():
        raise BadSetting("TOUCHSTONE_MAIL_FROM: mail is sent from an address; set one")
    if settings.mail_security == "none" and not _is_loopback(settings.mail_host):
        raise BadSetting("TOUCHSTONE_MAIL_SECURITY: none is for a mail server on this machine alone")
    if settings.mail_user and not (settings.mail_password or settings.mail_password_file):
        raise BadSetting("TOUCHSTONE_MAIL_USER: it needs TOUCHSTONE_MAIL_PASSWORD_FILE, or TOUCHSTONE_MAIL_PASSWORD")


def _check_slack(settings: Settings) -> None:
    """That Slack is set whole or not at all; what lies in files is looked at when it is used.

    Raises:
        BadSetting: something is missing, or stands in another's place.
    """
    for name, beginning in (("slack_bot_token", "xoxb-"), ("slack_app_token", "xapp-")):
        given: SecretStr | None = getattr(settings, name)
        if given and not given.get_secret_value().startswith(beginning):
            raise BadSetting(f"TOUCHSTONE_{name.upper()}: it begins with {beginning}; this is another token")
    if settings.slack_mode != "none" and _OTHERS.issubset(os.environ):  # noqa: TID251 (these are the settings)
        raise BadSetting("SLACK_CLIENT_ID, SLACK_CLIENT_SECRET: slack-bolt reads them itself; take them out")
    has_bot = settings.slack_bot_token or settings.slack_bot_token_file
    has_secret = settings.slack_client_secret or settings.slack_client_secret_file
    if bool(settings.slack_client_id) != bool(has_secret):
        raise BadSetting("TOUCHSTONE_SLACK_CLIENT_ID: it and TOUCHSTONE_SLACK_CLIENT_SECRET_FILE belong together")
    if (has_bot or settings.slack_client_id) and settings.slack_mode == "none":
        needed = "TOUCHSTONE_SLACK_APP_TOKEN_FILE (Socket Mode) or TOUCHSTONE_SLACK_SIGNING_SECRET_FILE (HTTP)"
        raise BadSetting(f"TOUCHSTONE_SLACK_BOT_TOKEN, TOUCHSTONE_SLACK_CLIENT_ID: they need {needed}")
    if settings.slack_mode != "none" and not has_bot and not settings.slack_client_id:
        needed = "TOUCHSTONE_SLACK_BOT_TOKEN_FILE, or TOUCHSTONE_SLACK_CLIENT_ID for several workspaces"
        raise BadSetting(f"TOUCHSTONE_SLACK_APP_TOKEN, TOUCHSTONE_SLACK_SIGNING_SECRET: they need {needed}")
    needs_address = settings.slack_client_id or settings.slack_mode == "http"
    if needs_address and not settings.address.startswith("https://"):
        raise BadSetting(
            "TOUCHSTONE_ADDRESS: Slack delivers, and sends browsers back, to an address with https; set one"
        )
    if has_bot and len(settings.slack_teams) > 1:
        needed = "several are installed with TOUCHSTONE_SLACK_CLIENT_ID, without a bot token"
        raise BadSetting(f"TOUCHSTONE_SLACK_WORKSPACES: a bot token is of one workspace; {needed}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
