"""The saved queries ask the logs of the right functions for fields that these really write."""

import ast
import re
from functools import cache

import pytest
from aws_cdk.assertions import Template

from functions.shared.metrics import Metric
from infra.bundling.build import FUNCTIONS, ROOT
from infra.saved_queries import SAVED_QUERIES, SavedQuery
from tests.infra.templates import LOCAL, Synthesize, all_of, text_of

OF_EVERY_LINE = {"level", "message", "timestamp", "service", "function_request_id", "cold_start"}
"""What Powertools writes into each line."""
OF_CONTEXT = {"connection_id", "generation_id", "request_id", "trace_id"}
"""What `functions.shared.log_context` adds to each line of a piece of work."""
OF_INSIGHTS = {"@timestamp"}
WORDS = {
    "as",
    "asc",
    "by",
    "count",
    "count_distinct",
    "desc",
    "fields",
    "filter",
    "in",
    "limit",
    "max",
    "min",
    "sort",
    "stats",
}
NAMES_OF_LOGS = {"logger", "log", "_logger", "_log"}

each_query = pytest.mark.parametrize("query", SAVED_QUERIES, ids=lambda query: query.name)


def lines_of(function: str) -> list[ast.Call]:
    """Every line that a function's own modules write."""
    return [
        node
        for file in (ROOT / "functions" / function).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in NAMES_OF_LOGS
    ]


@cache
def logged_by(function: str) -> frozenset[str]:
    """Every key that a function's own modules give to a line."""
    keys = {keyword.arg for line in lines_of(function) for keyword in line.keywords if keyword.arg}
    counted = {metric.value for metric in Metric if function in metric.services}
    return frozenset(keys | counted)


def fields_of(text: str) -> set[str]:
    """The fields that a query names: no texts, no words of the language, no names that it gives itself."""
    bare = re.sub(r'"[^"]*"', "", text)
    given = set(re.findall(r"\bas (\w+)", bare))
    names = set(re.findall(r"@?[A-Za-z_]\w*", bare))
    return names - WORDS - given - OF_INSIGHTS


def groups_of(definition: dict[str, object]) -> set[str]:
    names = definition["LogGroupNames"]
    assert isinstance(names, list)
    return {text_of(name) for name in names}


@each_query
def test_a_query_names_fields_that_its_functions_log(query: SavedQuery) -> None:
    logged = frozenset.union(*(logged_by(function) for function in query.over))

    assert fields_of(query.text) <= logged | OF_EVERY_LINE | OF_CONTEXT


@each_query
def test_a_query_looks_into_every_log_that_can_answer_it(query: SavedQuery) -> None:
    asked = {field for stage in query.stages if stage.startswith("filter") for field in fields_of(stage)}
    sentences = set(re.findall(r'"([^"]+)"', " ".join(query.stages)))

    for function in FUNCTIONS:
        constants = [one for line in lines_of(function) for one in line.args if isinstance(one, ast.Constant)]
        said = {one.value for one in constants}
        answers = asked - OF_EVERY_LINE <= logged_by(function) and (
            asked - OF_EVERY_LINE or bool(said & sentences)
        )
        assert not answers or function in query.over, function


def test_the_stack_saves_each_query_in_its_own_folder(template: Template) -> None:
    saved = {each["Name"]: each for each in all_of(template, "AWS::Logs::QueryDefinition").values()}

    assert set(saved) == {f"framestream/{query.name}" for query in SAVED_QUERIES}
    for query in SAVED_QUERIES:
        definition = saved[f"framestream/{query.name}"]
        assert definition["QueryString"] == query.text
        assert groups_of(definition) == {f"<Functions{name.capitalize()}Log>" for name in query.over}


@each_query
def test_a_query_is_in_the_runbook(query: SavedQuery) -> None:
    assert f"| {query.name} |" in (ROOT / "docs" / "operating.md").read_text()


def test_two_stacks_of_one_account_keep_their_queries_apart(synthesize: Synthesize) -> None:
    saved = all_of(synthesize(stack_name="chat-dev"), "AWS::Logs::QueryDefinition")

    assert all(each["Name"].startswith("chat-dev/") for each in saved.values())


def test_the_emulator_which_has_no_saved_queries_is_sent_none(synthesize: Synthesize) -> None:
    synthesize(**LOCAL).resource_count_is("AWS::Logs::QueryDefinition", 0)
