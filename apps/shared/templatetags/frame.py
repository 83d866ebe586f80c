"""What the frame around a page shows: the menu, the switch of properties, a form's fields, attributes passed on."""

from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django import template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.shared import navigation, regions

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation_links(context: template.Context) -> list[navigation.Link]:
    """Return the sidebar's entries; a page may bring its own as `nav`."""
    own: list[navigation.Link] | None = context.get("nav")
    if own is not None:
        return own
    request: HttpRequest | None = context.get("request")
    if request is None:
        return []
    access = getattr(request, "access", None)
    return navigation.links(request.resolver_match, **({"may": access.may} if access else {}))


@register.filter
def first_page(one: Any) -> str:
    """Return the address of a property's first page; takes the row or the value that stands for it."""
    organization = getattr(one, "organization_slug", "") or one.organization.slug
    return navigation.first_page(organization, one.slug)


@register.filter
def organization_name(one: Any) -> str:
    """Return the name of a property's organization; takes the row or the value that stands for it."""
    return str(getattr(one, "organization_name", "") or one.organization.name)


@register.filter
def region_title(name: str) -> str:
    """Return what people call a region."""
    return regions.title(name)


@register.filter
def is_same(one: Any, other: Any) -> bool:
    """Tell whether a row and a value stand for the same property."""
    return bool(other) and _key(one) == _key(other)


def _key(one: Any) -> Any:
    return getattr(one, "pk", getattr(one, "id", None))


@register.filter
def initials(name: str) -> str:
    """Return up to two letters for an avatar: "Ada Lovelace" is AL, "ada@example.org" is A."""
    words = [word for word in str(name).partition("@")[0].replace(".", " ").split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:]))


@register.filter
def attributes(given: Mapping[str, Any]) -> SafeString:
    """Write a component's further attributes, each value escaped; {{ attrs }} itself would trust a quoted value."""
    passed: Mapping[str, Any] = given.attrs_dict() if hasattr(given, "attrs_dict") else given
    return flatatt({name: value for name, value in passed.items() if value not in ("", None, False)})


@register.simple_tag
def widget(field: BoundField, css_class: str = "input") -> SafeString:
    """Draw a Django field's control in our clothes; Django adds aria-invalid and aria-describedby.

    The first control that is wrong gets the focus, so that the keyboard and a screen reader begin where the work is.
    """
    # The label says what belongs here; the same words inside the field would be a second, weaker label.
    given: dict[str, str | bool] = {"class": css_class, "placeholder": False}
    if _is_first_error(field):
        given["autofocus"] = True
    return field.as_widget(attrs=given)


def _is_first_error(field: BoundField) -> bool:
    form = field.form
    wrong = [one.name for one in form.visible_fields() if one.errors] if form.is_bound else []
    return bool(wrong) and wrong[0] == field.name and kind(field) != "choices"


@register.filter
def kind(field: BoundField) -> str:
    """Return how a Django field is drawn: input, select, textarea, checkbox, choices or hidden."""
    name = type(field.field.widget).__name__
    if field.is_hidden:
        return "hidden"
    kinds = {"Select": "select", "NullBooleanSelect": "select", "Textarea": "textarea", "CheckboxInput": "checkbox"}
    return kinds.get(name, "choices" if name in ("RadioSelect", "CheckboxSelectMultiple") else "input")


@register.simple_tag(takes_context=True)
def other_parameters(context: template.Context, *names: str) -> Iterable[tuple[str, str]]:
    """Return the page's query parameters except *names*, for a GET form that keeps the rest of the address."""
    query = context["request"].GET
    return [(name, value) for name in query if name not in names for value in query.getlist(name)]


@register.simple_tag(takes_context=True)
def other_parameters_but(context: template.Context, *beginnings: str) -> Iterable[tuple[str, str]]:
    """Return the page's query parameters except those whose names begin with one of *beginnings*."""
    query = context["request"].GET
    return [(name, value) for name in query if not name.startswith(beginnings) for value in query.getlist(name)]


@register.simple_tag(takes_context=True)
def signup_is_open(context: template.Context) -> bool:
    """Tell whether people may create accounts by themselves."""
    return bool(get_adapter().is_open_for_signup(context["request"]))
