"""Integer keys, which only the inside knows."""

from tests.factories.users import add_user, sign_in
from tests.fixtures.applications import Api


class TestKeys:
    async def test_one_is_never_given_twice(self, api: Api) -> None:
        gone = await add_user(api)
        person = await sign_in(api, gone)

        await person.http.delete("/api/v1/users/me")

        assert not await person.is_signed_in()
        assert (await add_user(api)).id > gone.id
