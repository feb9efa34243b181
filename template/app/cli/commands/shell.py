"""A Python prompt."""

import asyncio
import inspect
from code import InteractiveConsole
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType

    from app.components import Components

BANNER = """`components`, a `session` that reads, `select`, and every model are there. `await` works. To write:

async with components.database.write() as writing:
    ...
    await writing.commit()

Ctrl-D ends the shell."""


def shell() -> None:
    """Open a Python prompt with the components, a session and the models."""
    import ast

    from app.components import Components
    from app.core.config import load_settings

    with suppress(ImportError):
        import readline  # noqa: F401  the prompt then has a history

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        names = runner.run(_names(Components.from_settings(load_settings()), stack))
        console = _Console(names, runner)
        console.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            console.interact(BANNER, exitmsg="")
        finally:
            runner.run(stack.aclose())


class _Console(InteractiveConsole):
    """Runs what is awaited on one event loop."""

    def __init__(self, names: dict[str, Any], runner: asyncio.Runner) -> None:
        super().__init__(names)
        self.runner = runner

    def runcode(self, code: "CodeType") -> None:
        try:
            result = eval(code, self.locals)  # noqa: S307  what the user typed
            if inspect.iscoroutine(result):
                self.runner.run(result)
        except SystemExit:
            raise
        except BaseException:  # noqa: BLE001  Ctrl-C, too
            self.showtraceback()


async def _names(components: "Components", stack: AsyncExitStack) -> dict[str, Any]:
    from sqlalchemy import select

    from app import models
    from app.cli.running import closing
    from app.core.discovery import modules_of
    from app.db.base import Base

    modules_of(models)
    await stack.enter_async_context(closing(components.database))
    session = await stack.enter_async_context(components.database.read())
    classes = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    return {"components": components, "session": session, "select": select, **classes}
