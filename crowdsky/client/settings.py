"""The clients' settings as one record: from the environment, or a file ``.env``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.settings_reader import (
    SettingsReader,
    about,
    settings_of,
    wrong_with_address,
    wrong_with_secret,
)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Where the archive is and who asks it. Secrets do not show in its ``repr``."""

    url: str = field(
        metadata=about(
            "CROWDSKY_API_URL",
            unit="URL",
            default="",
            reason="Address of the site, without /api.",
        ),
    )
    api_key: str = field(
        repr=False,
        metadata=about(
            "CROWDSKY_API_KEY",
            unit="text",
            default="",
            reason="Personal key for the data of the archive, made on the page Account.",
        ),
    )
    username: str = field(
        metadata=about(
            "CROWDSKY_USERNAME",
            unit="text",
            default="",
            reason="Name of the account that uploads.",
        ),
    )
    password: str = field(
        repr=False,
        metadata=about(
            "CROWDSKY_PASSWORD",
            unit="text",
            default="",
            reason="Its password, or a key that sends and fetches files."
            " Empty: `crowdsky ingest` asks for it at a terminal.",
        ),
    )
    state_dir: Path = field(
        metadata=about(
            "CROWDSKY_STATE_DIR",
            unit="folder",
            default="~/.local/state/crowdsky",
            reason="Keeps the journal of uploads, by which an interrupted one is continued.",
        ),
    )
    download_dir: Path = field(
        metadata=about(
            "CROWDSKY_DOWNLOAD_DIR",
            unit="folder",
            default="~/.cache/crowdsky/stacks",
            reason="Keeps downloaded stacks; may be deleted.",
        ),
    )


def read_client_settings(
    environment: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")
) -> ClientSettings:
    """Read the settings; ``environment`` is by default that of this process.

    Raises ConfigurationError with every problem found.
    """
    settings = settings_of(ClientSettings)
    read = SettingsReader(settings.values(), environment, env_file, "the client's settings")
    values = ClientSettings(
        url=read.url("CROWDSKY_API_URL").removesuffix("/api"),
        api_key=read.secret("CROWDSKY_API_KEY"),
        username=read.value("CROWDSKY_USERNAME"),
        password=read.password("CROWDSKY_PASSWORD"),
        state_dir=read.path("CROWDSKY_STATE_DIR"),
        download_dir=read.path("CROWDSKY_DOWNLOAD_DIR"),
    )
    read.finish()
    return values


def wrong_with_site(address: str) -> str:
    """Return what keeps a text from being the address of a site, as a predicate; empty if nothing.

    People copy it from their browser, with the page that is open.
    """
    wrong = wrong_with_address(address)
    path = urlsplit(address).path if not wrong else ""
    page = path.rpartition("/")[2]
    if page.lower().endswith((".php", ".html", ".htm")):
        return f"must be the folder of the site: leave out {page}"
    return wrong


def require_usable(address: str, key: str) -> None:
    """Raise ConfigurationError if no call could be made with this address and key."""
    wrong = {f"the address {address}": wrong_with_site(address), "the key": wrong_with_secret(key)}
    problems = tuple(f"{name} {why}" for name, why in wrong.items() if why)
    if problems:
        raise ConfigurationError(
            "could not open the archive",
            hint="check CROWDSKY_API_URL and CROWDSKY_API_KEY, or what Client was given",
            problems=problems,
        )
