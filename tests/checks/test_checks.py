"""What `make check` says, one test for each tool, so that `make test` covers it too."""

import pytest

from apps.shared.local.checks import CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_tool_has_no_complaint(name: str) -> None:
    outcome = CHECKS[name]()

    assert outcome.is_good, outcome.words
