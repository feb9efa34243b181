"""Orders."""

from tests.factories.users import Person


class TestOrders:
    async def test_are_their_buyers(self, ada: Person, bob: Person) -> None:
        placed = await ada.http.post("/api/v1/orders", json={"article": "Tea"})

        assert placed.status_code == 201
        listed = [(await person.http.get("/api/v1/orders")).json()["results"] for person in (ada, bob)]
        assert listed == [[placed.json()], []]
