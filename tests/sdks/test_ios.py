"""The vectors under XCTest, with a Swift toolchain; behaviour is in `test_app*.py`."""

import re

import pytest

from tests.sdks.apps import swift
from tests.sdks.test_conformance import expected_count

pytestmark = pytest.mark.xdist_group("sdk-browser")


def test_package_passes_the_vectors() -> None:
    done = swift("test")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"vectors run: (\d+)", done.stdout) == [str(expected_count("ios", "server"))]
