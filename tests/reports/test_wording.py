"""Words for everything that other apps name by a code."""

import attribution as engine
from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import explanations, wording


def test_every_rule_of_the_engine_has_a_sentence_with_the_same_parameters() -> None:
    import re

    assert set(explanations.SENTENCES) == set(engine.SENTENCES)
    for code, sentence in explanations.SENTENCES.items():
        ours, theirs = re.findall(r"%\((\w+)\)s", str(sentence)), re.findall(r"{(\w+)}", engine.SENTENCES[code])
        assert sorted(ours) == sorted(theirs), code


def test_every_method_has_a_title_and_claims() -> None:
    names = {method.name for method in attribution.methods()}

    assert set(orgs.METHOD_TITLES) == names
    learned = [method.name for method in attribution.learned_methods()]
    assert list(wording.LEARNED_TITLES) == learned
    assert set(wording.CLAIMS) == names | set(learned)


def test_every_channel_has_a_title() -> None:
    assert {channel.value for channel in engine.Channel} <= set(wording.CHANNELS)


def test_lengths_in_a_sentence_are_said_in_words() -> None:
    said = explanations.sentence("outside_view_lookback", {"age_ms": 90_000_000, "lookback_ms": 86_400_000})

    assert said == "It is 1 d 1 h old; views count for 1 d."
