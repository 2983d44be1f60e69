"""Mails by SMTP: encryption, login, encoding, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.site.mailbox import MAIL_FROM, code_in, mail_server, text_of, wait_for
from tests.contract.site.support import PASSWORD, Browser
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.one_database

MakeSite = Callable[..., SiteUnderTest]


def ask(browser: Browser, email: str) -> None:
    """Ask for a new password."""
    form = {"form_action": "ask", "csrf_token": browser.token("reset.php"), "email": email}
    answer = browser.post("reset.php", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "reset.php?msg=sent")


def asked(site: SiteUnderTest, email: str = "ann@example.org", language: str = "en") -> Browser:
    """Create an account and ask for a new password of it."""
    site.create_user("ann", PASSWORD)
    site.rows.execute("UPDATE users SET email = ?", email)
    browser = Browser(site)
    browser.http.cookies.set("language", language)
    ask(browser, email)
    return browser


def log_of(site: SiteUnderTest) -> str:
    """What the site has logged."""
    path = site.data_dir / "log" / "crowdsky.log"
    return path.read_text() if path.exists() else ""


def wait_for_log(site: SiteUnderTest, words: str) -> str:
    """Wait until the site has logged these words; return the log."""
    wait_for(lambda: [words] if words in log_of(site) else [], 1)
    return log_of(site)


@pytest.mark.parametrize(
    ("security", "without", "mechanism"),
    [
        ("starttls", (), "PLAIN"),
        ("tls", (), "PLAIN"),
        ("starttls", ("PLAIN",), "LOGIN"),
        ("none", (), None),
    ],
    ids=["starttls", "tls", "login", "none"],
)
def test_a_mail_is_handed_over(
    make_site: MakeSite,
    tmp_path: Path,
    security: str,
    without: tuple[str, ...],
    mechanism: str | None,
) -> None:
    with mail_server(tmp_path, security, without=without) as (server, settings):
        site = make_site(**settings)
        asked(site, language="de")
        (mail,) = wait_for(server.mails, 1)

        (envelope,) = server.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == (MAIL_FROM, ["ann@example.org"])
        assert server.encrypted == [security != "none"]
        expected = [] if mechanism is None else [(mechanism, "postman", "right")]
        assert server.logins == expected
        assert mail["Subject"] == "Neues Passwort für CrowdSky"
        assert mail["From"] == f"CrowdSky <{MAIL_FROM}>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Date"].datetime.tzinfo is not None and mail["Message-ID"].endswith(
            "@example.org>"
        )
        assert "Jemand, hoffentlich du, hat für das Konto ann" in text_of(mail)
        assert f"https://sky.example.org/pages/reset.php#{code_in(mail)}" in text_of(mail)
        assert max(map(len, bytes(envelope.content or b"").split(b"\r\n"))) < 100
        assert code_in(mail) not in log_of(site)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"CROWDSKY_SMTP_PASSWORD": "secret-and-wrong"}, "refused the login of 'smtp_user'"),
        ({"CROWDSKY_SMTP_SECURITY": "tls"}, "cannot be reached"),
        ({"CROWDSKY_SMTP_PORT": "9"}, "cannot be reached"),
        ({"SSL_CERT_FILE": "/dev/null"}, "could not be encrypted"),
    ],
    ids=["password", "no tls here", "nobody there", "unknown authority"],
)
def test_what_goes_wrong_is_logged_for_the_operator(
    make_site: MakeSite, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    with mail_server(tmp_path, "starttls") as (server, settings):
        site = make_site(**{**settings, **change})
        asked(site)

        log = wait_for_log(site, words)

        assert server.envelopes == []
        assert "secret-and-wrong" not in log and "c2VjcmV0" not in log
        assert all(attempt[2] != "right" for attempt in server.logins)


def test_a_certificate_of_another_name_is_not_believed(make_site: MakeSite, tmp_path: Path) -> None:
    with mail_server(tmp_path, "starttls", name="mail.example.net") as (server, settings):
        site = make_site(**settings)
        asked(site)

        wait_for_log(site, "could not be encrypted")
        assert server.logins == [] and server.envelopes == []


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_refused_mail_is_logged_with_the_reason(
    make_site: MakeSite, tmp_path: Path, command: str
) -> None:
    with mail_server(tmp_path, "none") as (server, settings):
        server.refuses[command] = "550 no such mailbox here"
        site = make_site(**settings)
        asked(site)

        wait_for_log(site, "550 no such mailbox here" if command == "DATA" else "RCPT with 550")
        assert server.mails() == []
