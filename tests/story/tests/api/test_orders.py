"""Orders."""

from httpx2 import Response

from tests.factories.users import Person


class TestOrders:
    async def test_are_their_buyers(self, ada: Person, bob: Person, placed: Response) -> None:
        assert placed.status_code == 201
        assert placed.json()["article"] == "Green tea"
        listed = [(await person.http.get("/api/v1/orders")).json()["results"] for person in (ada, bob)]
        assert listed == [[placed.json()], []]
