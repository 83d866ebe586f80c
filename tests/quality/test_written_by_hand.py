"""Expectations as a person writes them: what YAML 1.1 takes for something else is the word that was written."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.asserts import assertContains

from tests.factories.company import Company
from tests.quality.test_pages import LIST

pytestmark = pytest.mark.stores
WRITTEN = """# countries that we deliver to
expectations:
  - &known
    name: Known countries
    kind: in_set
    field: properties.country
    values: [NO, SE, 0123, 12:30]   # Norway is no "false"
    severity: quarantine
  - <<: *known
    name: Known regions
    field: properties.region
    enabled: false
"""


def test_word_in_yaml_is_the_word_that_was_written(company: Company, send: Any, write: Any, kept: Any) -> None:
    """NO was false, 0123 was 83 and 12:30 was 750: each event that had them was kept back (R4)."""
    ada = company.client_of(company.ada)
    answer = ada.post(LIST, {"file": SimpleUploadedFile("own.yaml", WRITTEN.encode())})
    said = {"a": "NO", "b": "0123", "c": "12:30", "d": "false", "e": "83", "f": 123}
    send(*({"messageId": name, "properties": {"country": word}} for name, word in said.items()))

    write()

    assert answer.status_code == 302
    assert set(kept()) == {"d", "e", "f"}
    text = ada.get(f"{LIST}expectations.yaml").content.decode()
    assert "'NO'" in text
    assert "name: Known regions" in text
    assertContains(ada.post(LIST, {"text": text, "compare": "1"}), "Nothing would change")
