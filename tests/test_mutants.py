"""Each defect in tests/mutants.toml can be applied to the application."""

import ast
from typing import Any

import pytest
from mutants import TEMPLATE, edits, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant["name"])
def test_each_defect_can_be_applied_exactly_once(mutant: dict[str, Any]) -> None:
    for edit in edits(mutant):
        text = (TEMPLATE / edit["file"]).read_text("utf-8")
        assert text.count(edit["old"]) == 1
        compile(text.replace(edit["old"], edit["new"]), edit["file"], "exec")
    for test in mutant["tests"]:
        path, *names = test.split("::")
        body = ast.parse((TEMPLATE / path).read_text("utf-8")).body if names else []
        for name in names:
            body = next(part.body for part in body if getattr(part, "name", "") == name.partition("[")[0])
