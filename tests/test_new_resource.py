"""`scripts/new_resource.py` of a generated project writes resources that pass every check of the project."""

import re
import shutil
from pathlib import Path

import example
import pytest
from combinations import Answers
from conftest import Render, own
from environments import Environment, install
from releases import git
from servers import postgresql

pytestmark = pytest.mark.projects

# Every type of field, every option, and a reference from one resource to the other.
ORDERS = (
    "orders 'reference:str(40):unique' total_cents:int placed_at:datetime=now 'note:text?' "
    "'status:draft|paid|shipped=draft' 'customer:ref(users)?' 'due_on:date?:index' 'price:decimal(10,2)' "
    "urgent:bool=false 'token:uuid?' 'details:json?' 'code:str(12):unique_for_owner'"
)
LINES = (
    "order_lines 'order:ref(orders)' quantity:int=1 'buyer:ref(users)' 'payer:ref(users)?' meta:json day:date "
    "'tag:str(3)' 'weight:decimal(3,3)' 'mode:slow|fast?' --no-search"
)
# A long name, and rows that belong to nobody.
SHARED = "customer_satisfaction_reports 'title:str(80):unique' type:text --shared"
# Rows that only administrators change, and that refer to rows with owners.
ADMIN = "exchange_rates 'currency:str(10):unique' 'rate:decimal(12,6)' 'source:str(40)?' 'order:ref(orders)?' --admin"
# A reference to rows without owners, and no field with a number in its samples.
QUOTES = "quotes 'rate:ref(exchange_rates)' 'kind:firm|open' 'token:uuid'"
GENERATE = "python scripts/new_resource.py"
TRACE = re.compile(r"new_resource|generator|jinja|scripts/", re.IGNORECASE)
ALEMBIC = ("upgrade head", "check", "downgrade base", "upgrade head", "check")


@pytest.fixture(params=[("sqlite", True), ("postgresql", False)], ids=str)
def answers(request: pytest.FixtureRequest) -> Answers:
    kind, items = request.param
    return {"database": kind, "items": items}


@pytest.fixture
def generated(answers: Answers, render: Render, tmp_path: Path) -> tuple[Path, Environment]:
    """Return a project with five generated resources, which are not committed."""
    project = own(render(answers), tmp_path / "my-api")
    environment = install(project)
    for resource in (ORDERS, LINES, SHARED, ADMIN, QUOTES):
        environment.succeed(project, f"{GENERATE} {resource}")
    return project, environment


@pytest.mark.minutes(1)
def test_generated_resources_pass_every_check(
    generated: tuple[Path, Environment], answers: Answers, tmp_path: Path
) -> None:
    project, environment = generated
    environment.succeed(project, "ruff format --check . && ruff check . && lint-imports")
    environment.require_types(project)

    written = git(project, "ls-files", "--others", "--exclude-standard").split()
    assert [name for name in written if TRACE.search((project / name).read_text("utf-8"))] == []
    tests = " ".join(name for name in written if "/test_" in name)
    environment.succeed(project, f"pytest -p no:cacheprovider tests/whole tests/migrations/test_migrations*.py {tests}")

    environment.succeed(project, "python cli.py init-env")
    if answers["database"] == "postgresql":
        with postgresql(environment) as url:
            migrate(project, environment, url)
    else:
        migrate(project, environment, f"sqlite+aiosqlite:///{tmp_path}/migrated.db")


def migrate(project: Path, environment: Environment, url: str) -> None:
    for command in ALEMBIC:
        environment.succeed(project, f"alembic {command}", DATABASE_URL=url)
    environment.succeed(project, "python cli.py seed", DATABASE_URL=url)


def texts(project: Path) -> dict[str, str]:
    """Return all files that git does not ignore."""
    names = git(project, "ls-files", "--cached", "--others", "--exclude-standard").split()
    return {name: (project / name).read_text("utf-8") for name in names}


class TestCommand:
    @pytest.fixture
    def project(self, render: Render, tmp_path: Path) -> Path:
        return own(render({}), tmp_path / "my-api")

    @pytest.fixture
    def environment(self, project: Path) -> Environment:
        return install(project)

    def test_a_dry_run_prints_everything_and_writes_nothing(self, project: Path, environment: Environment) -> None:
        said = environment.succeed(project, f"{GENERATE} {ORDERS} --dry-run")

        assert "--- app/models/orders.py\n" in said
        assert "class Order(DualId, Timestamps, Base):" in said
        assert git(project, "status", "--porcelain") == ""

    def test_a_second_run_changes_nothing_and_the_printed_command_takes_it_back(
        self, project: Path, environment: Environment
    ) -> None:
        said = environment.succeed(project, f"{GENERATE} {ORDERS}")
        before = texts(project)

        again = environment.succeed(project, f"{GENERATE} {ORDERS}")

        assert again == "Nothing to do: orders exists, with these fields.\n"
        assert texts(project) == before
        undo = said.strip().splitlines()[-1]
        environment.succeed(project, undo)
        assert git(project, "status", "--porcelain") == ""

    def test_other_fields_for_an_existing_resource_are_refused(self, project: Path, environment: Environment) -> None:
        environment.succeed(project, f"{GENERATE} {ORDERS}")
        before = texts(project)

        refused = environment.run(project, f"{GENERATE} orders total_cents:int")

        assert refused.returncode == 1
        assert refused.stdout == "app/models/orders.py exists and differs: choose another name, or delete it first.\n"
        assert texts(project) == before

    def test_a_model_without_its_migration_is_refused(self, project: Path, environment: Environment) -> None:
        users = project / "app/models/users.py"
        users.write_text(users.read_text("utf-8") + "    nickname: Mapped[str | None]\n", "utf-8")
        before = texts(project)

        refused = environment.run(project, f"{GENERATE} {ORDERS}")

        assert refused.returncode == 1
        assert refused.stdout.startswith("`alembic check` must succeed first.")
        assert texts(project) == before

    def test_a_deleted_file_that_is_not_committed_is_not_replaced(
        self, project: Path, environment: Environment
    ) -> None:
        environment.succeed(project, f"{GENERATE} {ORDERS}")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", "Orders")
        for path in project.rglob("*orders*.py"):
            path.unlink()

        refused = environment.run(project, f"{GENERATE} {ORDERS}")

        assert refused.returncode == 1
        assert "has changes that are not committed" in refused.stdout

    def test_it_works_without_git_and_without_sample_accounts(self, project: Path, environment: Environment) -> None:
        shutil.rmtree(project / ".git")
        shutil.rmtree(project / "app/seeds")
        (project / "app/seeds").mkdir()
        (project / "app/seeds/__init__.py").touch()

        said = environment.succeed(project, f"{GENERATE} {SHARED}")

        assert said.strip().splitlines()[-1].startswith("  rm -- app/models/")
        assert list((project / "app/seeds").glob("*.py")) == [project / "app/seeds/__init__.py"]


def test_the_example_and_the_generator_agree(render: Render) -> None:
    project = render({})
    python = str(install(project).folder / "bin/python")

    found = example.difference(project, python)

    assert found == example.RECORD.read_text("utf-8"), "if the change is meant, run `python tools/example.py`"
