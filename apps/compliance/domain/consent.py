"""Whether a person lets us measure them: what their client says, what their browser signals, what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Consent(StrEnum):
    """What is known about a person's agreement."""

    GRANTED = "granted"
    MEASUREMENT = "measurement"  # granted, but not for advertising
    DENIED = "denied"
    UNKNOWN = "unknown"


# The names under which consent platforms file measurement; the first that a client mentions decides.
MEASUREMENT = (
    "measurement",
    "analytics",
    "analytics_storage",
    "performance",
    "statistics",
    "c0002",  # OneTrust's number for performance, as Segment's wrapper for it passes on
    "marketing",
    "advertising",
    "ad_storage",
)
# The names under which they file advertising.
ADVERTISING = (
    "advertising",
    "ad_storage",
    "targeting",
    "c0004",  # OneTrust's number for targeting
    "marketing",
    "behavioral_advertising",
    "ad_personalization",
    "ad_user_data",
)
# Whoever refuses this alone speaks of how ads are chosen, and not of being measured.
_HOW_ADS_ARE_CHOSEN = "ad_personalization"
# Words in the forms that consent platforms and people who write them by hand use; blanks and underscores are hyphens.
REFUSING = frozenset(
    """
    denied deny declined decline rejected reject refused refuse withdrawn withdraw revoked revoke disagreed disagree
    disallowed disallow opt-out optout opted-out no false off 0
    """.split()  # noqa: SIM905  words read better without quotes
)
AGREEING = frozenset(
    """
    granted grant accepted accept given agreed agree allowed allow consented opt-in optin opted-in yes true on 1
    """.split()  # noqa: SIM905
)

# Where people must be asked first: the European Economic Area, the United Kingdom, Switzerland.
EUROPE = frozenset(
    """
    AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
    """.split()  # noqa: SIM905  codes read better without quotes
)

Preferences = Mapping[str, bool | str | float | None]


@dataclass(frozen=True, slots=True)
class ConsentRules:
    """What a property asks for. *version* 0 is what holds where nobody has decided: who does not refuse is measured.

    *asks_everywhere* and *asks_in* (countries, two letters) say where a person must have agreed; *hears_signal*
    takes Global Privacy Control for a refusal. An agreement in a TCF string counts for *tcf_months*, 0 for ever.
    """

    version: int = 0
    asks_everywhere: bool = False
    asks_in: frozenset[str] = frozenset()
    hears_signal: bool = True
    tcf_months: int = 13

    @property
    def asks_somewhere(self) -> bool:
        """Tell whether anybody must have agreed."""
        return self.asks_everywhere or bool(self.asks_in)

    def asks(self, country: str) -> bool:
        """Tell whether a person in *country* must have agreed; where the country is unknown, any named one counts."""
        return self.asks_everywhere or (country in self.asks_in if country else bool(self.asks_in))


DEFAULT_RULES = ConsentRules()


def consent_state(*, status: str | None, preferences: Preferences | None) -> Consent:
    """Return the person's consent to be measured, and whether that holds for advertising too.

    A plain *status* speaks first. Of the *preferences*, a category of measurement decides; with none of a known
    name, a person who refused every category refused ours too. Nothing said is UNKNOWN, which is not a refusal.
    """
    states = _states_of(preferences)
    said = _of_word(status)
    if said is Consent.UNKNOWN:
        said = _of_measurement(states)
    return Consent.MEASUREMENT if said is Consent.GRANTED and _refuses_ads(states) else said


def refuses_advertising(preferences: Preferences | None) -> bool:
    """Tell whether a category of advertising is refused; the first that a client mentions decides."""
    return _refuses_ads(_states_of(preferences))


def _states_of(preferences: Preferences | None) -> dict[str, Consent]:
    """Return what is said of each category, by its name in small letters, blanks and hyphens as underscores."""
    states = {_name_of(name): _of_preference(given) for name, given in (preferences or {}).items()}
    return {name: state for name, state in states.items() if state is not Consent.UNKNOWN}


def _name_of(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").split())


def _refuses_ads(states: Mapping[str, Consent]) -> bool:
    return next((states[name] for name in ADVERTISING if name in states), None) is Consent.DENIED


def _of_measurement(states: Mapping[str, Consent]) -> Consent:
    for name in MEASUREMENT:
        if name in states:
            return states[name]
    others = {state for name, state in states.items() if name != _HOW_ADS_ARE_CHOSEN}
    return Consent.DENIED if others == {Consent.DENIED} else Consent.UNKNOWN


def decide(*, stated: Consent, signal: bool, remembered: Consent, country: str, rules: ConsentRules) -> Consent:
    """Return GRANTED, MEASUREMENT or DENIED: what the call says, else the signal, else what the person said before."""
    if stated is not Consent.UNKNOWN:
        return stated
    if signal and rules.hears_signal:
        return Consent.DENIED
    if remembered is not Consent.UNKNOWN:
        return remembered
    return Consent.DENIED if rules.asks(country) else Consent.GRANTED


def _of_preference(given: bool | str | float | None) -> Consent:
    if given is None or isinstance(given, str):
        return _of_word(given)
    return Consent.GRANTED if given else Consent.DENIED


def _of_word(word: str | None) -> Consent:
    word = "-".join((word or "").lower().replace("_", " ").split())
    if word in REFUSING:
        return Consent.DENIED
    return Consent.GRANTED if word in AGREEING else Consent.UNKNOWN
