"""The migrations build exactly the tables that the models describe, and can take them away again."""

import ast
import re

import pytest
from playhouse.migrations import Runner

from metengage import db
from metengage.models import TABLES

FILES = sorted(db.MIGRATIONS.glob("*.py"))
HISTORY = "schema_migration"  # where the runner writes what it did

# Everything that PostgreSQL knows of a table which we could have described otherwise.
POSTGRESQL_SHAPE = (
    """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
)
SQLITE_SHAPE = ("SELECT tbl_name, name, type, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",)


def shape() -> list[tuple]:
    """All that the database says of our tables, their indexes and constraints, in whatever order they came."""
    queries = POSTGRESQL_SHAPE if db.is_postgresql() else SQLITE_SHAPE
    rows = [row for query in queries for row in db.handle.execute_sql(query).fetchall()]
    return sorted(((*row[:-1], in_any_order(row[-1])) for row in rows if row[0] != HISTORY), key=repr)


def in_any_order(definition: str | None) -> str | None:
    """SQLite's text of a table with its columns and constraints sorted: what was added later comes last in it."""
    if not definition or not definition.startswith("CREATE TABLE"):
        return definition
    head, _, inside = definition.partition("(")
    # Commas within parentheses belong to a list of values or columns.
    return f"{head}({sorted(re.split(r', (?![^()]*[)])', inside.removesuffix(')')))})"


def runner() -> Runner:
    return Runner(db.handle.obj, directory=str(db.MIGRATIONS))


@pytest.fixture
def empty(database):
    """A database without a single table."""
    with db.opened():
        if db.is_postgresql():
            db.handle.execute_sql("DROP SCHEMA public CASCADE")
            db.handle.execute_sql("CREATE SCHEMA public")
        else:
            db.handle.pragma("foreign_keys", 0)
            for table in db.handle.get_tables():
                db.handle.execute_sql(f'DROP TABLE "{table}"')
        yield


def test_migrations_build_exactly_the_models(empty):
    db.migrate()
    migrated = shape()
    runner().down(FILES[0].stem)
    db.handle.create_tables(TABLES, safe=False)
    assert migrated == shape()


def test_every_table_of_the_models_is_there(empty):
    db.migrate()
    assert set(db.handle.get_tables()) == {table._meta.table_name for table in TABLES} | {HISTORY}


def test_up_then_down_leaves_nothing(empty):
    db.migrate()
    runner().down(FILES[0].stem)
    assert shape() == []


def test_every_step_can_be_taken_back_and_taken_again(empty):
    for file in FILES:
        before = shape()
        runner().up(file.stem)
        after = shape()
        runner().down()
        assert shape() == before, file.name
        runner().up(file.stem)
        assert shape() == after, file.name


def test_migrating_twice_changes_nothing(database):
    with db.opened():
        assert db.migrate() == []


def test_rows_of_a_filled_database_can_be_taken_away_too(database):
    with db.opened():
        runner().down(FILES[0].stem)
        assert shape() == []


def test_migrations_are_numbered_and_named():
    names = [re.fullmatch(r"(\d{4})(_[a-z0-9]+)+", file.stem) for file in FILES]
    assert [int(name[1]) for name in names] == list(range(1, len(FILES) + 1))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_goes_up_and_down_and_needs_none_of_our_rooms(file):
    """It builds the tables of its own day for ever; our rooms change."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", [])]
        )
    }
    assert {name for name in imported if name.partition(".")[0] not in ("peewee", "playhouse")} == set()
    assert {"up", "down"} <= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
