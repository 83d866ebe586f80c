"""Consent in the strings of IAB Europe's Transparency and Consent Framework, version 2."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from iab_tcf import ConsentV2, decode_v2

from apps.compliance.domain.consent import Consent

# Store on a device, and measure how advertising performs: without both there is no attribution. The second may rest
# on legitimate interest.
_STORE, _MEASURE = 1, 7
# Selecting ads, which may rest on legitimate interest too; profiles for them, which may not.
_SELECT, _PROFILES = 2, (3, 4)
# The characters up to the last purpose. What follows (vendors, publishers) may claim ranges of any size, and is not
# asked for: whoever runs this house is no vendor of the list.
_HEAD = 35
# The library leaves out any other character, and what follows moves: a blank could make a yes of a no.
_IS_HEAD = re.compile(rf"[A-Za-z0-9_-]{{{_HEAD}}}").match
_LONGEST = 4_096


class BadConsentString(ValueError):
    """The text is no consent string of version 2."""


class Choices(NamedTuple):
    """What a string says, and the day on which it was chosen: strings tell no more of the time."""

    consent: Consent
    chosen_on: date


@lru_cache(maxsize=16_384)
def tcf_choices(text: str) -> Choices:
    """Return the person's consent to be measured, with or without advertising. Raises BadConsentString."""
    core = text.partition(".")[0]
    if not _HEAD < len(core) <= _LONGEST:
        raise BadConsentString("A consent string of TCF 2 has some forty characters or more.")
    if _IS_HEAD(core) is None:
        raise BadConsentString("A consent string of TCF 2 has letters, digits, hyphens and underscores alone.")
    try:
        found = decode_v2(core[:_HEAD] + "A" * 29)
        is_second = found.version == 2
    except Exception as error:  # noqa: BLE001  the library raises what its parts raise, and plain exceptions
        raise BadConsentString(f"This is no consent string of TCF 2: {error}"[:200]) from None
    if not is_second:
        raise BadConsentString(f"This is a consent string of version {found.version}; version 2 is read.")
    return Choices(_consent_of(found), found.last_updated.date())


def is_outdated(choices: Choices, *, at: int, months: int) -> bool:
    """Tell whether an agreement was older than *months* of the calendar at the millisecond *at*; never where 0.

    A refusal needs no renewal: asking again is the wish of who wants another answer.
    """
    if not months or choices.consent is Consent.DENIED:
        return False
    day = datetime.fromtimestamp(at / 1_000, UTC).date()
    passed = (day.year - choices.chosen_on.year) * 12 + day.month - choices.chosen_on.month
    return (passed, day.day) > (months, choices.chosen_on.day)


def _consent_of(found: ConsentV2) -> Consent:
    measures = found.is_purpose_allowed(_MEASURE) or found.has_purpose_legitimate_interest(_MEASURE)
    if not (found.is_purpose_allowed(_STORE) and measures):
        return Consent.DENIED
    is_for_ads = found.has_purpose_legitimate_interest(_SELECT) or any(
        found.is_purpose_allowed(purpose) for purpose in (_SELECT, *_PROFILES)
    )
    return Consent.GRANTED if is_for_ads else Consent.MEASUREMENT
