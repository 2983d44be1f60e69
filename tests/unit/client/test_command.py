"""Who signs in, and what a person at a terminal sees."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.client.ingest.command import signed_in
from crowdsky.client.ingest.options import add_options
from crowdsky.client.ingest.progress import show_progress
from crowdsky.client.settings import ClientSettings, read_client_settings

SET = {"CROWDSKY_API_URL": "https://sky.example.org/api/", "CROWDSKY_USERNAME": "vera"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args([*arguments, "subs"])


def settings(**environment: str) -> ClientSettings:
    return read_client_settings(environment, None)


def never(_: str) -> str:
    raise AssertionError("nobody is to be asked")


def test_the_password_of_the_environment_is_taken_as_it_is() -> None:
    found = signed_in(options(), settings(**SET, CROWDSKY_PASSWORD=" a: ü "), never)
    assert (found.url, found.username) == ("https://sky.example.org", "vera")
    assert found.password == " a: ü "
    assert "ü" not in repr(found)


def test_a_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return "secret"

    found = signed_in(options("--user", "ann", "--site", "http://host/x/"), settings(**SET), ask)
    assert (found.url, found.username, found.password) == ("http://host/x", "ann", "secret")
    assert asked == ["Password of ann at http://host/x: "]


@pytest.mark.parametrize(
    ("environment", "arguments", "missing"),
    [
        ({}, (), ["CROWDSKY_API_URL", "CROWDSKY_USERNAME"]),
        (SET, (), ["CROWDSKY_PASSWORD"]),
        (SET, ("--site", "127.0.0.1:8766"), ["--site 127.0.0.1:8766 must start with https://"]),
        (SET, ("--site", "ftp://sky.example.org"), ["must start with https:// or http://"]),
        (SET, ("--site", "http://host/sky/index.php"), ["leave out index.php"]),
        (SET, ("--site", "http://host/stack.php?id=1"), ["must not contain"]),
        (
            {**SET, "CROWDSKY_API_URL": "https://host/Upload.html"},
            (),
            ["CROWDSKY_API_URL https://host/Upload.html must be the folder of the site"],
        ),
        (SET, ("--user", "a:b"), ["without a colon"]),
    ],
)
def test_everything_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    missing: list[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(ConfigurationError) as caught:
        signed_in(options(*arguments), settings(**environment), never)
    assert len(caught.value.problems) == len(missing)
    for word, problem in zip(missing, caught.value.problems, strict=True):
        assert word in problem


def test_wrong_settings_are_called_those_of_the_client(tmp_path: Path) -> None:
    for address in ("https://host:99999", "https://[::1", "https://a host", "https://:80"):
        with pytest.raises(ConfigurationError, match="CROWDSKY_API_URL must start with https://"):
            settings(CROWDSKY_API_URL=address)
    with pytest.raises(ConfigurationError, match=r"the client's settings are not .*CROWDSKY_API"):
        settings(CROWDSKY_API_URL="ftp://sky.example.org", CROWDSKY_API_KEY="csk_ü")


def test_a_terminal_shows_a_bar_and_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with show_progress() as progress:
        progress.begin("sending", 2_000_000)
        progress.advance(1_000_000)
        progress.note("[20250327.05]: 3 frames sent")
        progress.begin("reading 0 FITS files", 0)
    assert "[20250327.05]: 3 frames sent" in terminal.getvalue()
    assert "sending" in terminal.getvalue()
