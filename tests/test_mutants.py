"""Each defect in tests/mutants.toml can be applied to the application."""

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
        assert (TEMPLATE / test.partition("::")[0]).exists()
