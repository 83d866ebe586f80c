"""The rules in force that a promotion can change, and what was promoted when and by whom."""

from apps.attribution.domain.results import PromotionInfo
from apps.attribution.domain.scenarios import RuleValues
from apps.attribution.models import Goal, Promotion
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.attribution.queries.scope import UnknownGoal
from apps.attribution.queries.versioned_rules import lookback_versions, parameters_in_force
from apps.orgs import api as orgs

SHOWN = 20


def rule_values(property_id: int) -> RuleValues:
    """Return the rules in force. Raises UnknownGoal when the property has no goal yet."""
    goal = Goal.objects.filter(property_id=property_id, is_archived=False).first()
    if goal is None:
        raise UnknownGoal(property_id)
    rules = orgs.property_by_id(property_id).rules
    return RuleValues(
        goal_id=goal.pk,
        method=rules.default_method,
        click_lookback=rules.click_lookback,
        view_lookback=rules.view_lookback,
        channel_rules=channel_rules_of(property_id).newest,
        visit_gap=rules.visit_gap,
        overrides=lookback_versions(property_id).newest,
        parameters=parameters_in_force(property_id),
        definitions={
            one.pk: one.definition() for one in Goal.objects.filter(property_id=property_id, is_archived=False)
        },
    )


def promotions(property_id: int) -> list[PromotionInfo]:
    """Return the newest promotions, newest first; `undone` names the promotion that took one back."""
    rows = list(Promotion.objects.filter(property_id=property_id).select_related("made_by", "undoes")[: SHOWN + 1])
    undone = {row.undoes.number: row.number for row in reversed(rows) if row.undoes}
    return [
        PromotionInfo(
            number=row.number,
            before=RuleValues.of(row.before),
            after=RuleValues.of(row.after),
            covers_past=row.covers_past,
            undoes=row.undoes.number if row.undoes else None,
            undone_by=undone.get(row.number),
            note=row.note,
            made_by=row.made_by.email if row.made_by else "",
            made_at=row.made_at,
        )
        for row in rows[:SHOWN]
    ]
