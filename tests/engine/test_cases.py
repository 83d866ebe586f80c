"""The attribution cases by the engine, and what a file of cases is told that is wrong."""

from pathlib import Path

import pytest
import yaml

import attribution as engine
from apps.attribution.domain.cases import BadCases, Case, decide_openings, read_cases, run_case

FOLDER = Path(__file__).parents[2] / "attribution" / "cases"
CASES = [case for path in sorted(FOLDER.glob("*.yaml")) for case in read_cases(path.read_text(), path.name)]
ORDER = "{id: order, kind: track, name: Order Completed}"
AD = "{id: ad, kind: click, ago: 1d, source: google, medium: cpc}"


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}:{case.line}" for case in CASES])
def test_engine_gives_what_the_case_expects(case: Case) -> None:
    assert run_case(case) == []


def test_there_are_enough_cases_and_each_names_its_rule() -> None:
    assert len(CASES) >= 150
    assert [case.name for case in CASES if not case.rule] == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("{order: {credit: {ad: 0.5}}}", ("order: credit of ad", "0.5", "1 (only_touchpoint)")),
        ("{order: {credit: {}}}", ("order: credit of ad", "0", "1 (only_touchpoint)")),
        ("{order: {credit: {ad: 1, order: 0}}}", ("order: credit of order", "0", "no touchpoint")),
        ("{order: {money: {ad: 1}}}", ("order: money of ad", "1", "0.00")),
        ("{order: {channels: {ad: Email}}}", ("order: channel of ad", "Email", "Paid Search")),
        ("{order: {why: {ad: last}}}", ("order: why of ad", "last", "only_touchpoint")),
        ("{order: {touchpoints: []}}", ("order: touchpoints", "nothing", "ad")),
        ("{order: {unattributed: no_touchpoint}}", ("order: unattributed", "no_touchpoint", "nothing")),
        ("{order: {counted: false}}", ("order: counted", "False", "True")),
        ("{}", ("order", "nothing", "a conversion")),
        ("{ad: {}}", ("ad", "a conversion", "nothing")),
    ],
)
def test_wrong_expectation_is_told_with_both_sides(expect: str, said: tuple[str, str, str]) -> None:
    differences = run_case(_one(f"events: [{AD}, {ORDER}]\n    expect: {expect}"))

    assert said in [(one.place, one.expected, one.found) for one in differences]


def test_wrong_decision_is_told_with_both_sides() -> None:
    case = _one(
        "openings: [{id: open, contenders: [{id: c, kind: click, evidence: click_id, before: 8d}]}]\n"
        "    expect: {open: {outcome: install, winner: c, why: {c: winner}}}\n"
        "    in_app: [{rows: {}}]"
    )

    assert [(one.place, one.expected, one.found) for one in run_case(case)] == [
        ("open: outcome", "install", "organic"),
        ("open: winner", "c", "None"),
        ("open: why c", "winner", "outside_click_lookback"),
        ("in_app 1", "nothing", "open (primary)"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f.yaml: the file is empty."),
        ("cases: [", "f.yaml:1: expected the node content"),
        ("cases: []", "f.yaml:1: cases: an empty list should be non-empty"),
        ("cases:\n  - name: x\n    colour: red\n    events: []\n    expect: {}", "f.yaml:2: cases.0: Additional"),
        ("cases:\n  - name: x\n    expect: {}", "f.yaml:2: cases.0: 'events' is a required property"),
        ("cases:\n  - name: x\n    name: y\n    events: []\n    expect: {}", "f.yaml:3: 'name' comes twice."),
        (f"cases:\n  - name: x\n    events:\n      - {ORDER}\n      - {{id: a, kind: glance}}\n    expect: {{}}",
         "f.yaml:5: cases.0.events.1.kind: 'glance' is not one of"),
        (f"cases:\n  - name: x\n    events: [{ORDER}]\n    expect:\n      order: {{credit: {{a: 1.5}}}}",
         "f.yaml:5: cases.0.expect.order.credit.a: 1.5 is greater"),
        ("cases:\n  - name: x\n    events:\n      - {id: a, kind: click, ago: 3 weeks}\n    expect: {}",
         "f.yaml:4: cases.0.events.0.ago: '3 weeks' cannot be read. How long before"),
        ("cases:\n  - name: x\n    events:\n      - {id: a, kind: click, at: yesterday}\n    expect: {}",
         "f.yaml:4: cases.0.events.0: Invalid isoformat string: 'yesterday'"),
        ("cases:\n  - name: x\n    events:\n      - {id: a, kind: click, at: 2026-01-01T00:00:00}\n    expect: {}",
         "f.yaml:4: cases.0.events.0: 2026-01-01T00:00:00: an instant needs its time zone"),
        ("cases:\n  - name: x\n    events:\n      - {id: a, kind: track}\n    expect: {}",
         "f.yaml:4: cases.0.events.0: a: an event of the kind track needs a name"),
        ("cases:\n  - name: x\n    events: []\n    expect:\n      order: {}", "f.yaml:5: 'order' is nothing that"),
        ("cases:\n  - name: x\n    settings:\n      method: magic\n    events: []\n    expect: {}",
         "f.yaml:4: cases.0.settings: There is no method 'magic'"),
        ("cases:\n  - name: x\n    settings: {goal: Lead}\n    events: []\n    expect: {}",
         "f.yaml:3: cases.0.settings: There is no goal 'Lead'; the goals are: none."),
        ("cases:\n  - name: x\n    settings: {click_lookback: 91d}\n    events: []\n    expect: {}",
         "f.yaml:3: cases.0.settings: lookback 91 days"),
        ("cases:\n  - name: x\n    settings: {method: custom, parameters: {from_start: [0], otherwise: 0}}\n"
         "    events: []\n    expect: {}", "f.yaml:3: cases.0.settings: position weights: all are zero"),
        ("cases:\n  - name: x\n    settings: {method: linear, parameters: {speed: 1}}\n    events: []\n    expect: {}",
         "f.yaml:3: cases.0.settings: linear() got an unexpected keyword argument 'speed'"),
        ("cases:\n  - name: x\n    rules: {inactivity: 366d}\n    openings: [{id: o, contenders: []}]\n"
         "    expect: {o: {outcome: organic}}", "f.yaml:3: cases.0.rules: inactivity 366 days"),
        ("cases:\n  - {name: x, events: [], expect: {}}\n  - {name: x, events: [], expect: {}}",
         "f.yaml:3: 'x' is the name of line 2."),
        ("cases:\n  - name: x\n    events: [{id: a, kind: track, name: O, value: .nan}]\n    expect: {}",
         "f.yaml: this is not YAML that can be read"),
    ],
)  # fmt: skip
def test_bad_file_is_told_what_and_on_which_line(text: str, said: str) -> None:
    with pytest.raises(BadCases) as raised:
        read_cases(text, "f.yaml")

    assert str(raised.value).startswith(said)


def test_every_problem_of_a_file_is_told_at_once() -> None:
    bad = "settings: {method: magic}, events: [], expect: {}"

    with pytest.raises(BadCases) as raised:
        read_cases(f"cases:\n  - {{name: a, {bad}}}\n  - {{name: b, {bad}}}", "f.yaml")

    assert [line.split(":")[1] for line in str(raised.value).splitlines()] == ["2", "3"]


def test_anchors_that_say_more_than_fits_are_refused_at_once() -> None:
    bomb = "shared:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )

    with pytest.raises(BadCases, match="more than 200000 values"):
        read_cases(bomb + "cases: []", "f.yaml")


@pytest.mark.parametrize("text", ["[" * 5000, "a: " * 500, "\t- x", "%YAML 9", "!!python/object:os.system x", "\x00"])
def test_hostile_text_is_an_error_and_no_crash(text: str) -> None:
    with pytest.raises(BadCases):
        read_cases(text, "f.yaml")


def test_numbers_are_read_digit_by_digit() -> None:
    case = _one(f"events: [{ORDER[:-1]}, value: 0.1000}}]\n    expect: {{}}")

    assert str(case.events[0].event.value) == "0.1000"
    assert yaml.safe_load("0.1000") == 0.1


def test_every_reason_of_a_decision_has_a_case() -> None:
    decisions = [said for case in CASES if case.openings for said in case.expect.values()]
    told = {code for said in decisions for code in said.get("why", {}).values()}

    assert engine.DECISION_SENTENCES.keys() - told == set()


def test_every_decision_can_be_read_aloud() -> None:
    texts = {
        line.partition(": ")[2]
        for case in CASES
        if case.openings
        for decision in decide_openings(case).values()
        for line in decision.text.splitlines()
    }

    assert not [text for text in texts if "{" in text or "_" in text or not text.endswith(".")]
    assert "It is just over 7 days old; clicks count for 7 days." in texts
    assert "Its evidence, probabilistic, is weaker than device id." in texts


def _one(rest: str) -> Case:
    (case,) = read_cases(f"cases:\n  - name: x\n    {rest}", "f.yaml")
    return case
