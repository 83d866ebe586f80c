"""What cannot be taken back of a stream is asked about first, by mouse and by keyboard, and Escape is a no."""

from typing import Any

import pytest
from django.utils import timezone

from apps.orgs.models import RetiredKey
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.phone import beyond_the_edge, phone

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("valkey"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


def test_a_key_is_revoked_and_a_stream_switched_off_after_a_question(company: Company, settings: Any) -> None:
    ada, stream = company.client_of(company.ada), company.shop.streams.get()
    ada.post(f"/o/fernweh/p/shop/streams/{stream.pk}/rotate/")
    old = RetiredKey.objects.get(stream=stream, accepted_until__gt=timezone.now())
    html = ada.get("/o/fernweh/p/shop/settings/").content.decode()

    with phone(html) as page:
        for name in (f"revoke-{old.pk}", f"off-{stream.pk}"):
            dialog = page.locator(f"#{name}")
            assert not dialog.is_visible()
            page.locator(f"[data-opens={name}]").press("Enter")
            assert dialog.is_visible()
            assert dialog.locator("form[method=post] button[type=submit]").count() == 1
            assert beyond_the_edge(page, f"#{name} *") == []
            page.keyboard.press("Escape")
            assert not dialog.is_visible()
        bare = page.locator("form[action$='revoke/'], form:has([name=active])")
        assert [bare.nth(one).evaluate("form => !!form.closest('dialog')") for one in range(bare.count())] == [True] * 2
