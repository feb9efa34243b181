"""Every command a maintainer needs: `uvx nox --list` names them, a bare `uvx nox` runs what CI runs."""

import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"

COMPILE = ("uv", "pip", "compile", "--universal", "--python-version=3.11", "--generate-hashes", "--quiet", "--upgrade")


def install_tools(session: nox.Session) -> None:
    session.install("--require-hashes", "-r", "requirements.txt")


@nox.session
def lint(session: nox.Session) -> None:
    """Style of the template's own code and of the application in template/."""
    install_tools(session)
    for folder in (".", "template"):
        session.run("ruff", "check", folder)
        session.run("ruff", "format", "--check", folder)


@nox.session
def types(session: nox.Session) -> None:
    """Types of the template's own code."""
    install_tools(session)
    session.run("mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The fast tests: questions, macros, and every combination rendered."""
    install_tools(session)
    session.run("pytest", "-n", "auto", "-m", "not projects and not docs", *session.posargs)


@nox.session
def projects(session: nox.Session) -> None:
    """Every combination installed, checked, tested, migrated and served."""
    install_tools(session)
    session.run("pytest", "-n", "auto", "-m", "projects", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """What the documentation says is so."""
    install_tools(session)
    session.run("pytest", "-m", "docs", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Render the default project, fill it with sample data and serve it."""
    install_tools(session)
    project = Path(tempfile.mkdtemp(prefix="demo-")) / "my-api"
    session.run("copier", "copy", "--defaults", "--vcs-ref=HEAD", "--quiet", ".", str(project))
    session.install("--require-hashes", "-r", str(project / "requirements.txt"))
    session.chdir(project)
    for command in ("cli.py init-env", "cli.py init-db", "cli.py seed", "run.py"):
        session.run("python", *command.split())


@nox.session(default=False, venv_backend="none")
def lock(session: nox.Session) -> None:
    """Renew every pin: the template's tools and the generated project's dependencies."""
    session.run(*COMPILE, "--group=dev", "--output-file=requirements.txt")
