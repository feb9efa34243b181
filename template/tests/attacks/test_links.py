"""Links in mails, and who tries to get them, to use them twice, or to have mails say something else."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.core.security.action_tokens import Action
from app.db.types import utc_now
from tests import expect
from tests.attacks.test_enumeration import accounts, visible
from tests.databases import Server
from tests.factories.users import NEW_PASSWORD, PASSWORD, add_user, registration, signed_in
from tests.fixtures.mails import FRONTEND, Mailbox, link_of, mail_settings, receiving
from tests.fixtures.targets import Serve, mailing_to
from tests.gates import at_once, statuses
from tests.targets import Target

pytestmark = pytest.mark.attack

AUTH = "/api/v1/auth"
EVIL = "evil.example"
# It takes the most only while the machine is busy with something else.
TRIES, MOST_TRIES = 15, 500
# Sending the mail before the response takes more than twice as long.
CLOSE = 1.2


@pytest.fixture(scope="module")
async def shared_mailbox(certificate: Path) -> AsyncIterator[Mailbox]:
    async with receiving(certificate) as opened:
        yield opened


@pytest.fixture(scope="module")
async def mailing(
    shared_mailbox: Mailbox,
    certificate: Path,
    server: Server,
    pristine_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Target]:
    """A server for these tests. Each of them waits for the mails that it causes."""
    folder, database_url = tmp_path_factory.mktemp("mailing"), await server.create(pristine_url)
    async with mailing_to(shared_mailbox, certificate, database_url, folder) as target:
        yield target
        await target.stop()
        assert "@example.com" not in target.output.text


@pytest.fixture
def inbox(shared_mailbox: Mailbox) -> Mailbox:
    """The mails of this test."""
    shared_mailbox.mails.clear()
    return shared_mailbox


async def forget(http: AsyncClient, email: str, **options: Any) -> Response:
    return await http.post(f"{AUTH}/password/forgot", json={"email": email}, **options)


class TestWhoHasAnAccount:
    async def test_is_not_told_by_a_forgotten_password(self, mailing: Target, inbox: Mailbox) -> None:
        http, known = await mailing.client(), await add_user(mailing)
        emails = [known.email, *(await accounts(mailing)).values()]

        answers = [await forget(http, email) for email in emails]

        assert statuses(answers) == [202] * 5
        assert all(visible(answer) == visible(answers[0]) for answer in answers)
        await inbox.has(2)
        # "wrong" is an account too, whose password was not guessed.
        assert {str(mail["To"]) for mail in inbox.mails} == {known.email, emails[1]}

    async def test_is_not_told_by_a_change_of_address(self, mailing: Target, inbox: Mailbox) -> None:
        ada = await signed_in(mailing)
        emails = (await accounts(mailing)).values()

        answers = [
            await ada.http.post("/api/v1/users/me/change-email", json={"new_email": email, "password": PASSWORD})
            for email in emails
        ]

        assert statuses(answers) == [202] * 4
        assert all(visible(answer) == visible(answers[0]) for answer in answers)
        # Four notes to the old address, a note to one account, and links to two addresses without one.
        assert len(await inbox.has(7)) == 7

    @pytest.mark.slow
    async def test_is_not_told_by_the_throttle(self, serve: Serve, mailbox: Mailbox) -> None:
        target = await serve(rate_limit_enabled=True, **mail_settings(mailbox))
        http, known = await target.client(), await add_user(target)

        answers = [await forget(http, email) for email in [known.email, "nobody@example.com"] * 6]

        assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2

    @pytest.mark.slow
    async def test_is_not_told_by_the_time(self, serve: Serve, mailbox: Mailbox) -> None:
        """The best of many tries, in turns, while no other mail is being sent."""
        target = await serve(**mail_settings(mailbox))
        http, known, nobody = await target.client(), await add_user(target), "nobody@example.com"
        best = dict.fromkeys((known.email, nobody), float("inf"))

        for tries in range(1, MOST_TRIES + 1):
            for email in best:
                # The server may still be closing the connection of the last mail.
                await forget(http, nobody)
                began = time.perf_counter()
                assert (await forget(http, email)).status_code == 202
                best[email] = min(best[email], time.perf_counter() - began)
                if email == known.email:
                    await target.output.has('"mail.sent"', tries)
            if tries >= TRIES and max(best.values()) < CLOSE * min(best.values()):
                break

        assert len(mailbox.mails) == tries
        assert max(best.values()) < CLOSE * min(best.values()), best


class TestText:
    async def test_leads_to_the_frontend_whatever_the_host(self, mailing: Target, inbox: Mailbox) -> None:
        http, known = await mailing.client(), await add_user(mailing)
        names = ("Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "Forwarded", "Origin", "Referer")

        for name in names:
            value = f"https://{EVIL}" if name in {"Origin", "Referer"} else EVIL
            await forget(http, known.email, headers={name: value})
            mail = await inbox.newest()
            assert link_of(mail)[0] == f"{FRONTEND}/reset-password"
            assert EVIL not in mail.as_string()

    async def test_contains_nothing_that_a_user_chose(self, mailing: Target, inbox: Mailbox) -> None:
        http, names = await mailing.client(), {"first_name": f"Win at https://{EVIL}", "last_name": "$link {link} %s"}
        body = registration(**names)

        await http.post(f"{AUTH}/register", json=body)
        await forget(http, body["email"])

        for mail in await inbox.has(2):
            text = mail.as_string() + mail.get_content()
            assert EVIL not in text
            assert "Win" not in text
            assert mail["To"] == body["email"]

    @pytest.mark.parametrize(
        "email", [f"a@example.com\r\nBcc: eve@{EVIL}", "a@example.com\nDATA", f"a@example.com, eve@{EVIL}", "a b@c.de"]
    )
    async def test_addresses_cannot_add_headers_or_recipients(
        self, mailing: Target, inbox: Mailbox, email: str
    ) -> None:
        http, ada = await mailing.client(), await signed_in(mailing)

        answers = [
            await http.post(f"{AUTH}/register", json=registration(email=email)),
            await forget(http, email),
            await ada.http.post("/api/v1/users/me/change-email", json={"new_email": email, "password": PASSWORD}),
        ]

        assert statuses(answers) == [422] * 3
        assert inbox.mails == []


class TestUse:
    async def test_twenty_at_once_change_the_password_once(self, mailing: Target, inbox: Mailbox) -> None:
        # Verified already, so that only the new password can end the link.
        known, crowd = await add_user(mailing, email_verified_at=utc_now()), await mailing.clients(10)
        await forget(crowd[0], known.email)
        token = await inbox.token()

        answers = await at_once(
            *(
                http.post(f"{AUTH}/password/reset", json={"token": token, "new_password": f"{NEW_PASSWORD} {number}"})
                for number, http in enumerate(crowd * 2)
            )
        )

        assert statuses(answers) == [204] + [422] * 19
        # One note that the password has changed.
        assert len(await inbox.has(1)) == 1

    async def test_of_a_token_for_something_else_is_refused(self, mailing: Target) -> None:
        http, ada = await mailing.client(), await signed_in(mailing)
        issue = mailing.components.action_tokens.issue
        verify = issue(Action.VERIFY_EMAIL, ada.user)
        change = issue(Action.CHANGE_EMAIL, ada.user, "new@example.com")

        for token in (verify, change, ada.refresh_token, ada.access_token):
            body = {"token": token, "new_password": NEW_PASSWORD}
            expect.problem(await http.post(f"{AUTH}/password/reset", json=body), 422, "invalid_action_token")
        reset = issue(Action.RESET_PASSWORD, ada.user)
        for path in ("verify", "change"):
            answer = await http.post(f"{AUTH}/email/{path}", json={"token": reset})
            expect.problem(answer, 422, "invalid_action_token")
        http.headers["Authorization"] = f"Bearer {reset}"
        expect.unauthorized(await http.get("/api/v1/users/me"))

    async def test_of_a_link_by_whoever_registered_the_address_first_ends_with_its_owner(
        self, mailing: Target, inbox: Mailbox
    ) -> None:
        """The thief knows the password, and has a link to an address of their own. The owner of the address resets."""
        thief, http = await signed_in(mailing), await mailing.client()
        body = {"new_email": "thief@example.org", "password": PASSWORD}
        await thief.http.post("/api/v1/users/me/change-email", json=body)
        mails = {str(mail["To"]): mail for mail in await inbox.has(2)}
        _, change = link_of(mails["thief@example.org"])
        inbox.mails.clear()

        await forget(http, thief.email)
        reset = {"token": await inbox.token(), "new_password": NEW_PASSWORD}
        assert (await http.post(f"{AUTH}/password/reset", json=reset)).status_code == 204
        await inbox.newest()

        answer = await http.post(f"{AUTH}/email/change", json={"token": change})
        expect.problem(answer, 422, "invalid_action_token")
        assert not await thief.is_signed_in()
        assert not await thief.can_refresh()


class TestEscalation:
    @pytest.mark.parametrize(
        "member", [{"role": "admin"}, {"email_verified_at": "2026-01-01T00:00:00Z"}, {"is_active": True}]
    )
    async def test_nobody_gives_themselves_a_role(self, target: Target, member: dict[str, Any]) -> None:
        http, ada = await target.client(), await signed_in(target)

        for answer in (
            await http.post(f"{AUTH}/register", json={**registration(), **member}),
            await ada.http.patch("/api/v1/users/me", json=member),
        ):
            assert expect.reasons(answer) == {(f"#/{next(iter(member))}", "extra_forbidden")}
        me = (await ada.http.get("/api/v1/users/me")).json()
        assert (me["role"], me["email_verified_at"]) == ("user", None)


class TestStop:
    async def test_a_mail_that_is_being_sent_arrives(self, serve: Serve, mailbox: Mailbox) -> None:
        target = await serve(**mail_settings(mailbox))
        http, known = await target.client(), await add_user(target)
        mailbox.open.clear()
        await forget(http, known.email)
        await mailbox.arriving()

        target.process.terminate()
        await target.output.has("Waiting for application shutdown")
        mailbox.open.set()
        await target.stop()

        assert [str(mail["To"]) for mail in mailbox.mails] == [known.email]
