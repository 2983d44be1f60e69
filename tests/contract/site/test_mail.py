"""Mails by SMTP: encryption, login, encoding, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from tests.contract.site.mailbox import (
    MAIL_FROM,
    code_in,
    mail_server,
    settings,
    text_of,
    wait_for,
)
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
    with mail_server(tmp_path, security, without=without) as (server, smtp):
        site = make_site(**smtp)
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
    with mail_server(tmp_path, "starttls") as (server, smtp):
        site = make_site(**{**smtp, **change})
        asked(site)

        log = wait_for_log(site, words)

        assert server.envelopes == []
        assert "secret-and-wrong" not in log and "c2VjcmV0" not in log
        assert all(attempt[2] != "right" for attempt in server.logins)


def test_a_certificate_of_another_name_is_not_believed(make_site: MakeSite, tmp_path: Path) -> None:
    with mail_server(tmp_path, "starttls", name="mail.example.net") as (server, smtp):
        site = make_site(**smtp)
        asked(site)

        wait_for_log(site, "could not be encrypted")
        assert server.logins == [] and server.envelopes == []


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_refused_mail_is_logged_with_the_reason(
    make_site: MakeSite, tmp_path: Path, command: str
) -> None:
    with mail_server(tmp_path, "none") as (server, smtp):
        server.refuses[command] = "550 no such mailbox here"
        site = make_site(**smtp)
        asked(site)

        wait_for_log(site, "550 no such mailbox here" if command == "DATA" else "RCPT with 550")
        assert server.mails() == []


@contextmanager
def talking(greeting: bytes, answers: Mapping[bytes, bytes]) -> Iterator[int]:
    """Listen at a port and say these things, whatever SMTP has to say about it."""

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(greeting)
            for line in self.rfile:
                self.wfile.write(answers.get(line[:4].upper(), b""))

    with ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


OFFERS = b"250-here\r\n250 STARTTLS\r\n"


@pytest.mark.parametrize(
    ("greeting", "answers", "words"),
    [
        (b"", {}, "did not answer within 1 seconds"),
        (b"SSH-2.0-OpenSSH\r\n", {}, "does not speak SMTP"),
        (b"220 hi\r\n", {b"EHLO": b"250 here\r\n"}, "does not offer STARTTLS"),
        (
            b"220 hi\r\n",
            {b"EHLO": OFFERS, b"STAR": b"220 go\r\n250 AUTH PLAIN\r\n"},
            "sent something between STARTTLS and the encryption",
        ),
        (b"220 hi\r\n", {b"EHLO": OFFERS, b"STAR": b"220 go\r\n"}, "could not be encrypted"),
        (b"220 hi\r\n", {b"EHLO": b"250-more\r\n" * 101}, "does not end its reply"),
        (b"421 too busy\r\n", {}, "answered the connection with 421 too busy"),
    ],
    ids=["silent", "no smtp", "no tls", "injected", "stops", "endless", "busy"],
)
def test_no_server_is_believed_or_waited_for_too_long(
    make_site: MakeSite, greeting: bytes, answers: Mapping[bytes, bytes], words: str
) -> None:
    with talking(greeting, answers) as port:
        site = make_site(
            **settings(
                "smtp",
                CROWDSKY_SMTP_HOST="127.0.0.1",
                CROWDSKY_SMTP_PORT=str(port),
                CROWDSKY_SMTP_USER="postman",
                CROWDSKY_SMTP_PASSWORD="secret-of-postman",
                CROWDSKY_SMTP_TIMEOUT_SECONDS="1",
            )
        )
        asked(site)

        log = wait_for_log(site, words)

        assert "secret-of-postman" not in log
        assert len(site.rows.all("SELECT id FROM mailed_codes")) == 1
