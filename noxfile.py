"""The maintainer's commands. `uvx nox --list` shows them, and `uvx nox` runs those that CI runs."""

import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"

TOOLS = "requirements.txt"
DATABASES = [folder.name for folder in sorted(Path("locks").iterdir())]
# Writing temporary files takes half of the time of an update. One run writes about 2 GiB.
MEMORY = Path("/dev/shm")  # noqa: S108  the tests use their own folder there
MEMORY_BYTES = 6 * 1024**3
COMPILE = ["uv", "pip", "compile", "--universal", "--python-version=3.11", "--upgrade"]
COMPILE += ["--generate-hashes", "--no-strip-extras", "--no-annotate", "--no-header", "--quiet"]


def install(session: nox.Session, *locks: str) -> None:
    session.install("--require-hashes", *(f"--requirement={lock}" for lock in locks))


def run_tests(session: nox.Session, marks: str, workers_per_core: float = 1.5) -> None:
    """Run the tests with these marks on every core. Temporary folders are in memory if there is enough of it."""
    # More workers than cores, because the tests of projects often wait: for a server, a lock or a limit.
    workers = int((os.cpu_count() or 1) * workers_per_core)
    install(session, TOOLS)
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    with tempfile.TemporaryDirectory(dir=MEMORY if roomy else None, ignore_cleanup_errors=True) as folder:
        # If root runs the tests, PostgreSQL runs as another user, who must be able to enter the folder.
        Path(folder).chmod(0o711)
        options = ["-n", str(workers), "--dist", "worksteal", "-m", marks]
        session.run("pytest", *options, *session.posargs, env={"TMPDIR": folder})


def install_application(session: nox.Session) -> None:
    """Prepare template/ itself: the tools that render it, and the drivers of every database."""
    install(session, TOOLS, *(f"locks/{database}/requirements-dev.txt" for database in DATABASES))
    session.run("python", "tools/live.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the template's own code and of the application in template/."""
    install(session, TOOLS)
    for folder in (".", "template"):
        session.run("ruff", "check", folder)
        session.run("ruff", "format", "--check", folder)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the template's own code and of the application, and the application's layers."""
    install_application(session)
    session.run("mypy")
    with session.chdir("template"):
        session.run("mypy")
        session.run("lint-imports")


@nox.session(default=False)
def live(session: nox.Session) -> None:
    """Run the application's tests in template/, without rendering. `nox -s live -- -k refresh` selects some."""
    install_application(session)
    with session.chdir("template"):
        session.run("pytest", *(session.posargs or ["-n", "auto"]))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the fast tests: questions, macros, and the rendered files of every combination."""
    run_tests(session, "not projects and not updates and not docs and not recipes")


@nox.session
def projects(session: nox.Session) -> None:
    """Install, check, test, migrate and serve every combination."""
    run_tests(session, "projects")


@nox.session
def updates(session: nox.Session) -> None:
    """Update projects: from every release, with every answer changed, and with an owner's edits."""
    # Updates wait more than other tests, for many short processes of git.
    run_tests(session, "updates", workers_per_core=2)


@nox.session
def docs(session: nox.Session) -> None:
    """Test that the documentation is correct."""
    run_tests(session, "docs")


@nox.session(default=False)
def recipes(session: nox.Session) -> None:
    """Follow each recipe in a new project, and run its tests. `nox -s recipes -- -k sentry` selects some."""
    run_tests(session, "recipes")


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Render the default project, add sample data and serve it."""
    install(session, TOOLS)
    project = tempfile.mkdtemp(prefix="my-api-")
    session.run("copier", "copy", "--defaults", "--quiet", "--vcs-ref=HEAD", ".", project)
    install(session, f"{project}/requirements.txt")
    session.chdir(project)
    for command in ("cli.py init-env", "cli.py init-db", "cli.py seed", "run.py"):
        session.run("python", *command.split())


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Make the pictures of README.md again. It needs Chromium."""
    install(session, TOOLS)
    session.run("python", "tools/pictures.py", env={"PYTHONPATH": "tests"})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the cost of requests and compare it with a handwritten floor. `nox -s bench -- --help` lists options."""
    install(session, TOOLS)
    session.run("python", "-m", "bench", *session.posargs, env={"PYTHONPATH": os.pathsep.join(("tests", "tools"))})


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Break the application on purpose, and check that a test fails. `nox -s mutants -- grace` selects some."""
    install_application(session)
    session.run("python", "tools/mutants.py", *session.posargs)


@nox.session(default=False)
def diff(session: nox.Session) -> None:
    """Show how generated projects differ from those of the last release."""
    install(session, TOOLS)
    session.run("python", "tools/diff.py", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session(default=False, venv_backend="none")
def release(session: nox.Session) -> None:
    """Release HEAD: `nox -s release -- 0.2.0`."""
    session.run("python", "tools/release.py", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Update every pin: for the projects of each database, then for the template's own tools."""
    install(session, TOOLS)
    for database in DATABASES:
        lock_project(session, database)
    # The tools share an environment with the application when it is tested in template/.
    constraints = (f"--constraints=locks/{database}/requirements-dev.txt" for database in DATABASES)
    session.run(*COMPILE, "--group=dev", *constraints, "--output-file=requirements.txt")


def lock_project(session: nox.Session, database: str) -> None:
    """Pin with the project's own script, as its owner does."""
    folder = tempfile.mkdtemp()
    answers = ("--defaults", "--quiet", "--vcs-ref=HEAD", f"--data=database={database}")
    session.run("copier", "copy", *answers, ".", folder)
    with session.chdir(folder):
        session.run("python", "scripts/lock.py", "--upgrade")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copyfile(Path(folder, name), Path("locks", database, name))
