"""Changes to a property's rules about ids: each is a version of its own, never rewritten (R10)."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

import attribution as engine
from apps.attribution.domain.people import Pair
from apps.attribution.models import IdentityVersion, Watermark
from apps.attribution.queries.event_reading import identity_rules_of
from apps.attribution.services.promoting import RulesMovedOn


class NothingToChange(Exception):
    """The rules in force say so already."""


class UnknownIdentityVersion(LookupError):
    """The property has no such change that could be undone."""


@transaction.atomic
def change_identity_rules(
    *, property_id: int, made_by: Any, seen: int, ignored_ids: Collection[str], most_users: int, note: str = ""
) -> IdentityVersion:
    """Say which ids join nobody, and how many users a device may have; pairs that stay apart stay so.

    *seen* is the version that the person saw in force: RulesMovedOn when it is another by now. Also raises
    NothingToChange, and engine.BadIdentityRulesError for values out of their range.
    """
    now, version = _locked(property_id, seen)
    wanted = engine.IdentityRules(frozenset(ignored_ids), most_users, now.apart)
    return _add(property_id, version, now, wanted, made_by=made_by, act=IdentityVersion.Act.RULES, note=note)


@transaction.atomic
def keep_apart(*, property_id: int, made_by: Any, seen: int, pairs: Iterable[Pair], note: str = "") -> IdentityVersion:
    """Keep pairs of ids apart from now on, whatever events say: those before and those to come.

    Raises RulesMovedOn, NothingToChange and engine.BadIdentityRulesError.
    """
    now, version = _locked(property_id, seen)
    wanted = now.with_apart(pairs)
    return _add(property_id, version, now, wanted, made_by=made_by, act=IdentityVersion.Act.PART, note=note)


@transaction.atomic
def undo_identity(*, property_id: int, version: int, made_by: Any) -> IdentityVersion:
    """Take a change back, and leave those that came after it as they are.

    Raises UnknownIdentityVersion, and NothingToChange when later changes did so already.
    """
    now, newest = _locked(property_id, None)
    undone = IdentityVersion.objects.filter(property_id=property_id, version=version, undone_by=None).first()
    if undone is None:
        raise UnknownIdentityVersion(version)
    act = IdentityVersion.Act.RULES
    if undone.act == IdentityVersion.Act.PART:
        wanted, act = now.without_apart(undone.pairs), IdentityVersion.Act.JOIN
    elif undone.act == IdentityVersion.Act.JOIN:
        wanted, act = now.with_apart(undone.pairs), IdentityVersion.Act.PART
    else:
        before = IdentityVersion.objects.filter(property_id=property_id, version=version - 1).first()
        old = engine.IdentityRules.of(before.rules if before else {})
        wanted = engine.IdentityRules(old.ignored_ids, old.most_users, now.apart)
    return _add(property_id, newest, now, wanted, made_by=made_by, act=act, undoes=undone)


def _locked(property_id: int, seen: int | None) -> tuple[engine.IdentityRules, int]:
    """Return the rules in force and their version, once no other change is under way."""
    Watermark.objects.get_or_create(property_id=property_id)
    Watermark.objects.select_for_update().get(property_id=property_id)
    rules, version = identity_rules_of(property_id)
    if seen is not None and seen != version:
        raise RulesMovedOn
    return rules, version


def _add(
    property_id: int, version: int, now: engine.IdentityRules, wanted: engine.IdentityRules, *,
    made_by: Any, act: str, note: str = "", undoes: IdentityVersion | None = None,
) -> IdentityVersion:  # fmt: skip
    if wanted == now:
        raise NothingToChange
    return IdentityVersion.objects.create(
        property_id=property_id,
        version=version + 1,
        rules=wanted.stored(),
        act=act,
        pairs=[list(pair) for pair in sorted(wanted.apart ^ now.apart)],
        note=note.replace("\x00", "").strip()[:200],
        undoes=undoes,
        made_by=made_by,
    )
