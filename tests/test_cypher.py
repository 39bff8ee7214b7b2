"""Every statement that is sent to Neo4j: named, used, accepted, and never put together from values."""

import ast
import re
from pathlib import Path

import pytest
from neo4j import GraphDatabase

import cypher
from cypher import names, statement
from tests import servers
from tests.conftest import ROOT

ADAPTER = sorted((ROOT / "stores").glob("neo4j*.py"))


@pytest.mark.parametrize("name", names())
def test_a_statement_says_what_it_does_and_names_its_parameters(name: str) -> None:
    purpose, parameters, *body = statement(name).splitlines()
    assert re.fullmatch(r"// [A-Z].+\.", purpose)
    assert len(purpose) <= 140
    named = [] if parameters == "// no parameters" else parameters.removeprefix("// ").split(", ")
    assert set(named) == set(re.findall(r"\$\w+", "\n".join(body)))


def test_every_statement_is_used_and_every_one_that_is_used_is_there() -> None:
    words = {
        node.value
        for path in ADAPTER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(names()) <= words


def test_no_statement_is_made_anywhere_else() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in ADAPTER)
    run = re.findall(r"(?:session|transaction)\.run\(([^,]+),", text)
    assert sorted(run) == ["query", "statement(name)", "statement(name)"]
    assert re.findall(r"\bQuery\(([^,)]+\))", text) == ["statement(name)"]
    assert not re.search(r"\b(MATCH|MERGE|UNWIND|RETURN)\b", text)


def test_neo4j_accepts_every_statement_without_a_deprecation() -> None:
    with GraphDatabase.driver(servers.neo4j().uri) as driver, driver.session() as session:
        for name in names():
            explained = (
                statement(name) if name.startswith("s") and "SHOW" in statement(name) else f"EXPLAIN {statement(name)}"
            )
            summary = session.run(explained).consume()
            told = [found for found in summary.gql_status_objects if found.raw_classification == "DEPRECATION"]
            assert not told, f"{name}: {told}"


def test_statements_come_with_the_package() -> None:
    assert Path(cypher.__file__).with_name("path_gds.cypher").is_file()
