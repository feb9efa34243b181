"""Make Alembic write migrations that work on every database and do not import the application."""

import re
from importlib import import_module
from itertools import accumulate
from typing import Any, Literal

import sqlalchemy
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import AlterColumnOp
from alembic.runtime.migration import MigrationContext
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import ARRAY, Boolean, Column, DefaultClause, TextClause
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator, TypeEngine

Rendered = str | Literal[False]
WORDS = {"true": "sa.true()", "1": "sa.true()", "false": "sa.false()", "0": "sa.false()"}
NOW = {"now", "current_timestamp"}
LITERAL = re.compile(r"'(?:[^']|'')*'|[+-]?[\d.]+")
# Some databases add a cast to a stored default: 'draft'::character varying
CAST = re.compile(r"""::(?:"[^"]+"|[\w.]+)(?: varying| precision| with(?:out)? time zone)?(?:\([\d, ]+\))?(?:\[\])*""")
LITERAL_OR_CAST = re.compile(f"({LITERAL.pattern})|{CAST.pattern}")
# A type inside of another type, in the text that both have in Python.
NESTED = re.compile(r"(?<=[=(, \[])([A-Z]\w*)(?=\()")
# A colon that text() would interpret as the start of a parameter.
PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")


def render_item(kind: str, value: Any, context: AutogenContext) -> Rendered:
    """Render a type or a default for every database. Return False to use Alembic's own rendering."""
    match kind, value:
        case "type", TypeEngine():
            return _type(value, context)
        case "server_default", DefaultClause():
            return _default(value, context.migration_context)
        case _:
            return False


def compare_defaults(
    context: AutogenContext,
    alteration: AlterColumnOp,
    _schema: str | None,
    _table: str,
    _column: str,
    stored: Column[Any],
    declared: Column[Any],
) -> PriorityDispatchResult:
    """Detect a changed default. Alembic itself compares computed and identity columns."""
    old, new = stored.server_default, declared.server_default
    if not isinstance(old, DefaultClause) or not isinstance(new, DefaultClause):
        return PriorityDispatchResult.CONTINUE
    migration = context.migration_context
    if _plain(old, declared, migration) != _plain(new, declared, migration) and _differ(stored, declared, migration):
        alteration.modify_server_default = new
    return PriorityDispatchResult.STOP


plugin = Plugin(__name__)
plugin.add_autogenerate_comparator(compare_defaults, "column", "server_default")
PLUGINS = ["alembic.autogenerate.*", plugin.name]


def _type(value: TypeEngine[Any], context: AutogenContext) -> Rendered:
    module = type(value).__module__
    if isinstance(value, TypeDecorator) and not module.startswith("sqlalchemy."):
        return _decorated(value, context)
    if type(value).__name__.isupper() and (generic := _generic(value, context)):
        return _written(generic, context)
    if not module.startswith("sqlalchemy."):
        context.imports.add(f"import {module}")
        return f"{module}.{value!r}"
    if module.startswith("sqlalchemy.dialects."):
        return _of_dialect(value, module.split(".")[2], context)
    return False


def _of_dialect(value: TypeEngine[Any], dialect: str, context: AutogenContext) -> str:
    """Render a type that only one database has, also while connected to another. Nested types need a prefix, too."""
    context.imports.add(f"from sqlalchemy.dialects import {dialect}")
    prefixed = NESTED.sub(lambda found: f"{'sa' if hasattr(sqlalchemy, found[1]) else dialect}.{found[1]}", repr(value))
    return context.migration_context.impl.render_type(value, context) or f"{dialect}.{prefixed}"


def _decorated(value: TypeDecorator[Any], context: AutogenContext) -> str:
    """Render a `TypeDecorator` as its database type, because a migration must not import the application."""
    base = value.impl_instance
    text = _written(base, context)
    if context.dialect is not None:
        here = _public(value.load_dialect_impl(context.dialect))
        if repr(here) != repr(base):
            text += f".with_variant({_written(here, context)}, {context.dialect.name!r})"
    return text


def _public(value: TypeEngine[Any]) -> TypeEngine[Any]:
    """Replace a driver's subclass, which cannot be imported by name, by its public base class."""
    for kind in type(value).__mro__:
        path = kind.__module__.split(".")
        package = import_module(".".join(path[: 3 if "dialects" in path else 1]))
        if getattr(package, kind.__name__, None) is kind:
            return value.adapt(kind)
    return value


def _written(value: TypeEngine[Any], context: AutogenContext) -> str:
    if rendered := _type(value, context):
        return rendered
    if isinstance(value, ARRAY):
        return f"sa.{value!r}".replace(repr(value.item_type), _written(value.item_type, context), 1)
    return f"sa.{value!r}"


def _generic(value: TypeEngine[Any], context: AutogenContext) -> TypeEngine[Any] | None:
    """The generic type, if it is the same in this database: `DATETIME` is DateTime, but `JSONB` is not JSON."""
    try:
        generic = value.as_generic()
    except NotImplementedError:
        return None
    dialect = context.dialect
    same = type(generic) is not type(value) and generic.compile(dialect) == value.compile(dialect)
    return generic if same else None


def _default(default: DefaultClause, context: MigrationContext) -> Rendered:
    argument = default.arg
    word = _word(argument)
    if _is_boolean(default.column) and word in WORDS:
        return WORDS[word]
    if isinstance(argument, str):
        return False
    if word in NOW:
        return "sa.func.now()"
    sql = _without_casts(_sql(default, context))
    if not LITERAL.fullmatch(sql):
        # Some databases need parentheses around an expression.
        sql = f"({_bare(_sql(default, context))})"
    escaped = PARAMETER.sub(r"\\:", sql)
    return f"sa.text({escaped!r})"


def _differ(stored: Column[Any], declared: Column[Any], context: MigrationContext) -> bool:
    """Compare in the database: different texts can mean the same value. Some types, such as `json`, have no `=`."""
    old, new = (_sql(column.server_default, context, quoted=False) for column in (stored, declared))
    compare: Any = context.impl.compare_server_default
    assert context.connection  # noqa: S101  a stored column was read from this connection
    try:
        with context.connection.begin_nested():
            return bool(compare(stored, declared, new, old))
    except DBAPIError:
        return True


def _plain(default: DefaultClause, column: Column[Any], context: MigrationContext) -> str:
    """A default without the casts and parentheses that databases add."""
    word = _word(default.arg)
    return WORDS[word] if _is_boolean(column) and word in WORDS else _bare(_without_casts(_sql(default, context)))


def _sql(default: Any, context: MigrationContext, *, quoted: bool = True) -> str:
    argument = default.arg
    if isinstance(argument, str):
        escaped = argument.replace("'", "''")
        return f"'{escaped}'" if quoted else argument
    if isinstance(argument, TextClause):
        # Not compiled: a default from the database may contain colons that are not parameters.
        return argument.text.replace(r"\:", ":")
    return context.impl.render_ddl_sql_expr(argument, is_server_default=True)


def _word(argument: Any) -> str:
    return (argument if isinstance(argument, str) else str(argument)).strip("()' ").lower()


def _without_casts(sql: str) -> str:
    return LITERAL_OR_CAST.sub(lambda found: found[1] or "", sql)


def _bare(sql: str) -> str:
    """Remove parentheses around the whole expression."""
    depths = list(accumulate({"(": 1, ")": -1}.get(character, 0) for character in sql))
    enclosed = sql.startswith("(") and 0 not in depths[:-1] and depths[-1] == 0
    return _bare(sql[1:-1]) if enclosed else sql


def _is_boolean(column: Column[Any] | None) -> bool:
    kind = column.type if column is not None else None
    return isinstance(kind.impl_instance if isinstance(kind, TypeDecorator) else kind, Boolean)
