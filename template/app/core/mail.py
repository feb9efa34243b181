"""Mails: plain texts from `app/mails`, sent in the background by SMTP."""

import asyncio
import re
import sys
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from app.core.config import CONSOLE_MAIL, ConfigurationError, Settings
from app.core.exceptions import Unavailable
from app.core.security.action_tokens import Action

TEXTS = Path(__file__).parents[1] / "mails"
FORMAT = re.compile(r"Subject: (?P<subject>[^\n]+)\n\n(?P<body>.+)", re.DOTALL)
# Seconds before the second and the third attempt.
RETRIES = (1.0, 4.0)
COMMAND_SECONDS = 10
ATTEMPT_SECONDS = 30
CONNECTIONS = 4
# RFC 5322 §2.1.1. Python's default of 78 would break links, which only some clients repair.
LONGEST_LINE = 998
POLICY = SMTP.clone(max_line_length=LONGEST_LINE)
# In development, where `console:` needs neither setting.
SAMPLE_SENDER = "noreply@localhost"
SAMPLE_FRONTEND = "http://localhost:3000"

log = structlog.get_logger("app.mail")


class MailUnavailable(Unavailable):
    """`MAIL_URL` is empty, so that nobody would get a link."""

    code = "mail_unavailable"
    detail = "This application sends no mails."


class Note(StrEnum):
    """Mails without a link."""

    PASSWORD_WAS_RESET = "password_was_reset"  # noqa: S105
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_HAS_ACCOUNT = "email_has_account"


class Text(NamedTuple):
    """The text of a mail. It contains nothing that a user chose."""

    subject: Template
    body: Template

    @classmethod
    def load(cls, name: Action | Note) -> Self:
        """Read `app/mails/{name}.txt`.

        Raises:
            ConfigurationError: if the file is not as `FORMAT` says.
        """
        path = TEXTS / f"{name}.txt"
        found = FORMAT.fullmatch(path.read_text("utf-8")) if path.is_file() else None
        text = cls(Template(found["subject"]), Template(found["body"])) if found else None
        placeholders = {"app_name", "link"} if isinstance(name, Action) else {"app_name"}
        if not text or not text.is_valid(placeholders):
            names = " and ".join(f"${placeholder}" for placeholder in sorted(placeholders))
            problem = f"must be `Subject: …`, an empty line and a text; the placeholders are {names}"
            raise ConfigurationError(f"app/mails/{path.name}: {problem}")
        return text

    def is_valid(self, placeholders: set[str]) -> bool:
        """Whether it has no other placeholders, and a link if there is one."""
        if not (self.subject.is_valid() and self.body.is_valid()):
            return False
        subject, body = set(self.subject.get_identifiers()), set(self.body.get_identifiers())
        return subject <= {"app_name"} and body | {"app_name"} == placeholders


class Mailer:
    """Sends mails after the response, with three attempts. A crash loses those that wait.

    To give them to a queue, replace `deliver`; `components.py` makes the mailer.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = urlsplit(settings.mail_url.get_secret_value())
        self._sender = settings.mail_from or SAMPLE_SENDER
        self._frontend = settings.frontend_url or SAMPLE_FRONTEND
        self._app_name = " ".join(settings.app_name.split())
        self._texts = {name: Text.load(name) for name in (*Action, *Note)}
        self._waiting: set[asyncio.Task[None]] = set()
        self._connections = asyncio.Semaphore(CONNECTIONS)

    @property
    def enabled(self) -> bool:
        """Whether mails are sent."""
        return bool(self._url.scheme)

    def require_enabled(self) -> None:
        """For what makes no sense without mails.

        Raises:
            MailUnavailable: if `MAIL_URL` is empty.
        """
        if not self.enabled:
            raise MailUnavailable

    def send(self, name: Action | Note, recipient: str | None, token: str = "") -> None:
        """Send a mail soon; without a recipient do the same work, so that the time tells nobody who has an account.

        Call it after the commit: a mail cannot be rolled back.
        """
        if not self.enabled:
            return
        task = asyncio.create_task(self._persist(name, recipient, token))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def deliver(self, message: EmailMessage) -> None:
        """One attempt. Any exception means that there will be another one."""
        if self._url.scheme == CONSOLE_MAIL:
            headers = "".join(f"{name}: {message[name]}\n" for name in ("From", "To", "Subject"))
            sys.stdout.write(f"\n{headers}\n{message.get_content()}\n")
            sys.stdout.flush()
            return
        tls = self._url.scheme == "smtps"
        client = aiosmtplib.SMTP(
            hostname=self._url.hostname,
            port=self._url.port,
            username=self._url.username and unquote(self._url.username),
            password=self._url.password and unquote(self._url.password),
            use_tls=tls,
            # Demanded: without it the token could be read on the way.
            start_tls=not tls,
            timeout=COMMAND_SECONDS,
            local_hostname=message["From"].addresses[0].domain,
        )
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                await client.connect()
                await client.send_message(message)
        finally:
            # Without a farewell, which a server that hangs would not answer either.
            client.close()

    async def close(self, within: float) -> None:
        """Wait for mails that are being sent. Those that take longer are lost."""
        if self._waiting:
            await asyncio.wait(self._waiting, timeout=within)
        for task in self._waiting.copy():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _compose(self, name: Action | Note, recipient: str, token: str) -> EmailMessage:
        path = name.replace("_", "-")
        # In the fragment, which no server sees: neither a log nor a `Referer` contains it.
        link = f"{self._frontend}/{path}#token={token}"
        text, values = self._texts[name], {"app_name": self._app_name, "link": link}
        message = EmailMessage(POLICY)
        message["From"] = self._sender
        # Not as text, in which `=?utf-8?q?…?=` would become another address.
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = text.subject.substitute(values)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday reply
        message.set_content(text.body.substitute(values))
        return message

    async def _persist(self, name: Action | Note, recipient: str | None, token: str) -> None:
        try:
            await self._attempt(name, recipient, token)
        except asyncio.CancelledError:
            log.error("mail.failed", mail=name, reason="the process stopped")  # noqa: TRY400
            raise

    async def _attempt(self, name: Action | Note, recipient: str | None, token: str) -> None:
        """Try three times. The log contains neither the address nor the server's text, which may quote it."""
        for wait in (*RETRIES, None):
            try:
                message = self._compose(name, recipient or SAMPLE_SENDER, token)
                if recipient is None:
                    return
                async with self._connections:
                    await self.deliver(message)
            except Exception as error:  # noqa: BLE001  whatever went wrong, there is another attempt
                reason, code = type(error).__name__, getattr(error, "code", None)
                if wait is None:
                    log.error("mail.failed", mail=name, reason=reason, code=code)  # noqa: TRY400
                    return
                log.warning("mail.delayed", mail=name, reason=reason, code=code, retry_in_seconds=wait)
                await asyncio.sleep(wait)
            else:
                log.info("mail.sent", mail=name)
                return
