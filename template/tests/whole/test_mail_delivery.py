"""How mails reach a real SMTP server, and what happens if they do not."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core import mail
from app.core.config import Settings
from app.core.mail import Mailer, Note
from app.core.security.action_tokens import Action
from tests.fixtures.logs import Log
from tests.fixtures.mails import FRONTEND, SENDER, Mailbox, link_of, mail_settings, make_certificate, receiving
from tests.fixtures.settings import MakeSettings

ADA = "ada@example.com"
TOKEN = "at1_" + "x" * 150


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between attempts."""
    monkeypatch.setattr(mail, "RETRIES", (0.0, 0.0))


@pytest.fixture
def mailer(make_settings: MakeSettings, mailbox: Mailbox) -> Mailer:
    return Mailer(make_settings(**mail_settings(mailbox)))


async def finish(mailer: Mailer) -> None:
    await mailer.close(10)


def failure(log: Log) -> dict[str, object]:
    """The one line about a lost mail. No line has the address or the token."""
    (line,) = log.of("mail.failed")
    assert line["level"] == "error"
    assert ADA not in log.text
    assert TOKEN not in log.text
    return line


class TestMail:
    async def test_is_plain_text_with_an_unbroken_link(self, mailer: Mailer, mailbox: Mailbox) -> None:
        mailer.send(Action.RESET_PASSWORD, ADA, TOKEN)

        received = await mailbox.newest()
        assert received.get_content_type() == "text/plain"
        assert received.get_content_charset() == "utf-8"
        assert (received["From"], received["To"]) == (SENDER, ADA)
        assert "Probe" in received["Subject"]
        assert received["Message-ID"].endswith("@probe.example.com>")
        assert received["Date"]
        assert received["Auto-Submitted"] == "auto-generated"
        assert link_of(received) == (f"{FRONTEND}/reset-password", TOKEN)
        assert f"{FRONTEND}/reset-password#token={TOKEN}" in received.as_string()

    async def test_may_have_a_name_in_another_script(self, make_settings: MakeSettings, mailbox: Mailbox) -> None:
        values = {**mail_settings(mailbox), "app_name": "Café 日本", "mail_from": "Café 日本 <noreply@example.com>"}
        mailer = Mailer(make_settings(**values))

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)

        received = await mailbox.newest()
        assert "Café 日本" in received["Subject"]
        assert received["From"].addresses[0].display_name == "Café 日本"
        assert "Café 日本" in received.get_content()
        assert link_of(received)[1] == TOKEN

    async def test_subject_is_one_line(self, make_settings: MakeSettings, mailbox: Mailbox) -> None:
        mailer = Mailer(make_settings(**mail_settings(mailbox), app_name="Probe\r\nBcc: eve@evil.example"))

        mailer.send(Note.PASSWORD_WAS_RESET, ADA)

        received = await mailbox.newest()
        assert received["Bcc"] is None

    @pytest.mark.parametrize("end", ["", "/"])
    async def test_slash_at_the_end_of_the_frontend_changes_nothing(
        self, make_settings: MakeSettings, mailbox: Mailbox, end: str
    ) -> None:
        values = {**mail_settings(mailbox), "frontend_url": f"https://app.example.com/shop{end}"}
        mailer = Mailer(make_settings(**values))

        mailer.send(Action.CHANGE_EMAIL, ADA, TOKEN)

        assert link_of(await mailbox.newest())[0] == "https://app.example.com/shop/change-email"


class TestTls:
    async def test_is_there_from_the_beginning_with_smtps(
        self, make_settings: MakeSettings, certificate: Path, trusted: None
    ) -> None:
        assert trusted is None
        async with receiving(certificate, tls=True) as mailbox:
            mailer = Mailer(make_settings(**mail_settings(mailbox)))
            mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)

            assert (await mailbox.newest())["To"] == ADA

    async def test_is_demanded(self, make_settings: MakeSettings, certificate: Path, trusted: None, log: Log) -> None:
        """A server, or somebody in between, says that it cannot do STARTTLS. It asks for no password either."""
        assert trusted is None
        async with receiving(certificate, starttls=False) as mailbox:
            values = {**mail_settings(mailbox), "mail_url": f"smtp://localhost:{mailbox.port}"}
            mailer = Mailer(make_settings(**values))
            mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
            await finish(mailer)

        assert mailbox.attempts == 0
        assert failure(log)["mail"] == "verify_email"

    @pytest.mark.parametrize("tls", [False, True])
    async def test_needs_a_certificate_that_is_trusted(
        self,
        make_settings: MakeSettings,
        certificate: Path,
        log: Log,
        tls: bool,  # noqa: FBT001
    ) -> None:
        async with receiving(certificate, tls=tls) as mailbox:
            mailer = Mailer(make_settings(**mail_settings(mailbox)))
            mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
            await finish(mailer)

        assert mailbox.attempts == 0
        assert failure(log)

    async def test_needs_a_certificate_of_this_host(
        self, make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log
    ) -> None:
        other = make_certificate(tmp_path, "other.example.com")
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        async with receiving(other) as mailbox:
            mailer = Mailer(make_settings(**mail_settings(mailbox)))
            mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
            await finish(mailer)

        assert mailbox.attempts == 0
        assert failure(log)


class TestAttempts:
    async def test_third_one_may_succeed(self, mailer: Mailer, mailbox: Mailbox, log: Log) -> None:
        mailbox.refusals = ["451 try again", "550 no"]

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)

        assert (await mailbox.newest())["To"] == ADA
        await finish(mailer)
        assert mailbox.attempts == 3
        assert len(log.of("mail.delayed")) == 2
        assert log.of("mail.failed") == []

    async def test_third_one_is_the_last(self, mailer: Mailer, mailbox: Mailbox, log: Log) -> None:
        mailbox.refusals = [f"451 {ADA} is unwelcome"] * 4

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        assert mailbox.attempts == 3
        assert failure(log)["code"] == 451

    @pytest.mark.parametrize("local", ["=?utf-8?q?eve=40evil.example?=", "=?utf-8?q?x?="])
    async def test_address_that_looks_encoded_is_no_other_address(
        self, mailer: Mailer, mailbox: Mailbox, log: Log, local: str
    ) -> None:
        mailer.send(Action.VERIFY_EMAIL, f"{local}@example.com", TOKEN)
        await finish(mailer)

        assert mailbox.mails == []
        assert failure(log)["reason"] == "InvalidHeaderDefect"

    async def test_wrong_password_of_the_server_is_not_shown(
        self, make_settings: MakeSettings, mailbox: Mailbox, log: Log
    ) -> None:
        url = mailbox.url.replace("p%40ss", "wrong-p%40ss")
        mailer = Mailer(make_settings(**{**mail_settings(mailbox), "mail_url": url}))

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        assert failure(log)["reason"] == "SMTPAuthenticationError"
        assert "p@ss" not in log.text

    async def test_server_that_is_away(self, make_settings: MakeSettings, mailbox: Mailbox, log: Log) -> None:
        url = mailbox.url.replace(str(mailbox.port), "1")
        mailer = Mailer(make_settings(**{**mail_settings(mailbox), "mail_url": url}))

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        assert failure(log)

    async def test_server_that_says_nothing(
        self, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, log: Log
    ) -> None:
        async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(writer)

        connections: list[asyncio.StreamWriter] = []
        monkeypatch.setattr(mail, "COMMAND_SECONDS", 0.2)
        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        values = {"mail_url": f"smtp://localhost:{port}", "mail_from": SENDER, "frontend_url": FRONTEND}
        mailer = Mailer(make_settings(**values))

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        assert len(connections) == 3
        assert failure(log)
        for writer in connections:
            writer.close()
        server.close()


class TestClose:
    @pytest.fixture
    async def slow(self, mailbox: Mailbox) -> AsyncIterator[Mailbox]:
        """A server that takes a mail and does not answer yet."""
        mailbox.open.clear()
        yield mailbox
        mailbox.open.set()

    async def test_waits_for_mails(self, mailer: Mailer, slow: Mailbox) -> None:
        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await slow.arriving()

        closing = asyncio.create_task(mailer.close(10))
        slow.open.set()
        await closing

        assert len(slow.mails) == 1

    async def test_does_not_wait_for_ever(self, mailer: Mailer, slow: Mailbox, log: Log) -> None:
        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await slow.arriving()
        began = time.monotonic()

        await mailer.close(0.2)

        assert time.monotonic() - began < 2
        assert failure(log)["reason"] == "the process stopped"

    async def test_does_not_wait_for_another_attempt(
        self, mailer: Mailer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, log: Log
    ) -> None:
        monkeypatch.setattr(mail, "RETRIES", (60.0, 60.0))
        mailbox.refusals = ["451 try again"]
        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await mailbox.arriving()

        await mailer.close(0.5)

        assert failure(log)["reason"] == "the process stopped"


class TestConsole:
    async def test_prints_the_link_ready_to_click(
        self, make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mailer = Mailer(make_settings(mail_url="console:"))

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        printed = capsys.readouterr().out
        assert f"\nhttp://localhost:3000/verify-email#token={TOKEN}\n" in printed
        assert f"To: {ADA}\n" in printed


class TestNowhere:
    async def test_sends_nothing(self, settings: Settings, log: Log) -> None:
        mailer = Mailer(settings)

        mailer.send(Action.VERIFY_EMAIL, ADA, TOKEN)
        await finish(mailer)

        assert not mailer.enabled
        assert log.of("mail.sent") == log.of("mail.failed") == []
