"""Components: what they promise in their first line, and that no value breaks out of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

COMPONENTS = sorted(Path("templates/components").glob("*.html"))
HOSTILE = '"a" onfocus="alert(1)" autofocus x="b"'


def draw(source: str, **context: Any) -> str:
    """Render a template with components in it."""
    compiled = CottonCompiler().process(source)
    return str(engines["django"].from_string(compiled).render(context, RequestFactory().get("/?sort=x&from=1")))


class GoalForm(forms.Form):
    """A form with one field of each shape."""

    name = forms.CharField(label="Name", help_text="Shown in reports.", max_length=5)
    counting = forms.ChoiceField(label="Count", choices=[("every", "Every"), ("once", "Once")])
    is_primary = forms.BooleanField(label="Primary", required=False)


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_component_begins_with_its_inputs_and_is_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert re.match(r"\{# .*Inputs?: .*#\}\n|\{# .* Inputs: none", text), "the first line names the inputs"
    assert len(text.splitlines()) <= 40
    assert "style=" not in text
    assert not re.search(r"<script(?! type=.application/json)|\son\w+=", text)


def test_readme_lists_every_component() -> None:
    listed = re.findall(r"^\| `<c-([a-z-]+)>`", Path("templates/components/README.md").read_text(), flags=re.MULTILINE)

    assert listed == [file.stem.replace("_", "-") for file in COMPONENTS]


@pytest.mark.parametrize(
    "component", ["badge", "button", "card title='x'", "alert", "table label='x'", "empty-state title='x'"]
)
def test_attribute_from_a_person_stays_an_attribute(component: str) -> None:
    drawn = draw(f'<c-{component} :data-name="name">x</c-{component.partition(" ")[0]}>', name=HOSTILE)

    assert 'data-name="&quot;a&quot; onfocus=&quot;' in drawn


def test_text_from_a_person_is_escaped() -> None:
    drawn = draw('<c-stat-card label="{{ name }}" :value="name" />', name="<b>x</b>")

    assert "<b>x</b>" not in drawn
    assert drawn.count("&lt;b&gt;x&lt;/b&gt;") == 2


def test_component_sees_no_variable_of_its_page() -> None:
    drawn = draw("<c-button>Save</c-button>", href="/elsewhere", variant="danger", label="Leak")

    assert '<button class="button" type="button"' in drawn


def test_field_with_an_error_names_it_and_keeps_the_value() -> None:
    form = GoalForm({"name": "too long", "counting": "once"})

    drawn = draw('<c-form-fields :form="form" />', form=form)

    assert 'value="too long"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert re.search(r'id="id_name_error">.*Ensure this value has at most 5', drawn, flags=re.DOTALL)
    assert re.search(r'<option value="once" selected', drawn)
    assert re.search(r'<input type="checkbox"[^>]*id="id_is_primary"', drawn)


def test_select_marks_the_chosen_option_of_any_type() -> None:
    drawn = draw(
        '<c-select name="days" label="Days" :options="options" :value="7" />', options=[(7, "Week"), (28, "Month")]
    )

    assert '<option value="7" selected>Week</option>' in drawn
    assert '<option value="28">Month</option>' in drawn


def test_table_says_which_column_is_sorted() -> None:
    columns = [
        {"label": "Channel"},
        {"label": "Revenue", "is_numeric": True, "sort_url": "?sort=r", "sorted": "descending"},
    ]

    drawn = draw('<c-table label="Credit" :columns="columns"><tr></tr></c-table>', columns=columns)

    assert '<th scope="col" class="num" aria-sort="descending">' in drawn
    assert '<a href="?sort=r">Revenue' in drawn


def test_empty_table_says_what_to_do_next() -> None:
    drawn = draw('<c-table label="Goals" is_empty="1"><c-slot name="empty">Add a goal</c-slot></c-table>')

    assert "Add a goal" in drawn
    assert "<table" not in drawn


def test_chart_carries_its_option_and_its_description() -> None:
    option = {"series": [{"name": "</script><script>alert(1)</script>"}]}

    drawn = draw('<c-chart id="revenue" :option="option" description="Rising." />', option=option)

    assert '<script id="revenue-option" type="application/json">' in drawn
    assert drawn.count("</script>") == 1
    assert 'role="img" aria-label="Rising."' in drawn


def test_journey_keeps_the_dot_of_a_share_in_any_language(settings: Any) -> None:
    settings.LANGUAGE_CODE = "ru"

    drawn = draw('<c-journey-path :steps="steps" />', steps=[{"title": "Email", "share": 0.25, "share_text": "25 %"}])

    assert 'max="1" value="0.25' in drawn


def test_date_range_keeps_the_rest_of_the_address() -> None:
    drawn = draw('<c-date-range label="Week" />')

    assert '<input type="hidden" name="sort" value="x">' in drawn
    assert 'type="hidden" name="from"' not in drawn


def test_unknown_icon_is_a_mistake_that_shows() -> None:
    with pytest.raises(FileNotFoundError):
        draw('<c-icon name="no-such-icon" />')
    with pytest.raises(ValueError, match="no name of an icon"):
        draw('<c-icon name="../../../manage" />')
