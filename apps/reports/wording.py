"""Words that several pages share: names of choices, definitions of figures, reasons and what to do about them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs

Words = str | Promise

PRESETS: dict[str, Words] = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "last_7_days": _("Last 7 days"),
    "last_30_days": _("Last 30 days"),
    "last_90_days": _("Last 90 days"),
    "this_month": _("This month"),
    "last_month": _("Last month"),
    "this_year": _("This year"),
}
COMPARISONS: dict[str, Words] = {
    "previous": _("The period before"),
    "year": _("A year earlier"),
    "none": _("Nothing"),
}
DIMENSIONS: dict[str, Words] = {
    "channel": _("Channel"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "medium": _("Medium"),
}
SPEND: dict[str, Words] = {
    "cost": _("Ad spend"),
    "cost_per_conversion": _("Cost per conversion"),
    "return_on_spend": _("Return on ad spend"),
}
# As the heads of narrow columns have it; the cards above the table spell them out.
SPEND_HEADS: dict[str, Words] = {"cost": _("Ad spend"), "cost_per_conversion": _("CPA"), "return_on_spend": _("ROAS")}
RULE_OPERATORS: dict[str, Words] = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "starts_with": _("begins with"),
    "ends_with": _("ends with"),
}
# By the codes of attribution's BadRules.
RULE_PROBLEMS: dict[str, Words] = {
    "no_channel": _("the first line needs a channel"),
    "no_value": _("say which value"),
    "long": _("a channel has at most 60 characters, a value 200"),
    "many_conditions": _("a rule has at most 5 conditions"),
    "many_rules": _("at most 50 rules"),
    "unknown": _("unknown field or condition"),
}
PROBLEMS: dict[str, Words] = {
    "dates": _("the dates"),
    "compare": _("the comparison"),
    "goal": _("the goal"),
    "method": _("the method"),
    "click": _("the click lookback"),
    "view": _("the view lookback"),
    "by": _("the breakdown"),
    "sort": _("the order"),
}
CHANNELS = attribution.CHANNELS
channel_title = attribution.channel_title
TOUCH_KINDS: dict[str, Words] = {"view": _("Impression"), "visit": _("Visit"), "click": _("Click")}

DEFINITIONS: dict[str, Words] = {
    "conversions": _("Events that meet the goal, by the time they happened. Refunds take nothing away here."),
    "revenue": _(
        "The value of those conversions less refunds, in the property's currency. Other currencies are listed apart."
    ),
    "attributed": _("Conversions with at least one touchpoint inside the lookback window, as a share of all."),
    "average": _("Revenue divided by the conversions in the property's currency."),
    "cost": _("What the ad platforms charged for the days of this period, as it was reported to us last."),
    "cost_per_conversion": _(
        "Ad spend divided by all conversions, paid or not. In a row (CPA): by the conversions credited to it."
    ),
    "return_on_spend": _("Revenue divided by ad spend (ROAS): 2 means that each unit of money brought two back."),
    "unattributed": _("Conversions without a touchpoint that may earn credit. Each has a reason."),
    "share": _("This row's part of the credit of all rows."),
    "credit": _("Conversions are shared among touchpoints, so a row can hold a fraction of one."),
    "change": _(
        "Against the period that you compare with. A period that still runs is compared up to the same moment."
    ),
    "click_lookback": _("Clicks and visits count when they happened at most this long before the conversion."),
    "view_lookback": _("Impressions count when they happened at most this long before the conversion."),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a method does, what its figures may be used to say, and what not."""

    does: Words
    can: Words
    cannot: Words


CLAIMS: dict[str, Claim] = {
    "last_non_direct": Claim(
        _("All credit goes to the last touchpoint that was not direct."),
        _("Says which source people came back from before they bought."),
        _("Does not say that this source made them buy, and gives nothing to what came earlier."),
    ),
    "last_touch": Claim(
        _("All credit goes to the last touchpoint, direct visits included."),
        _("Says what stood right before the conversion."),
        _("Does not say what brought people in: who has decided often comes back directly."),
    ),
    "first_touch": Claim(
        _("All credit goes to the first touchpoint inside the lookback window."),
        _("Says where journeys begin."),
        _("Does not say what closed the sale, and a longer lookback changes who was first."),
    ),
    "last_paid_click": Claim(
        _("All credit goes to the last paid click; without one, to the last touchpoint that was not direct."),
        _("Comes close to what ad platforms report about themselves."),
        _("Favours paid channels by construction, so it cannot compare paid with unpaid ones."),
    ),
    "linear": Claim(
        _("Every touchpoint gets the same credit."),
        _("Says who takes part in journeys, and how often."),
        _("Does not say which touchpoint mattered: touching often earns more, useful or not."),
    ),
    "linear_distinct": Claim(
        _("Every channel of the journey gets the same credit, however often it touched."),
        _("Says which channels take part, without rewarding repetition."),
        _("Does not say which channel mattered: being present is all that counts."),
    ),
    "position_based": Claim(
        _("The first and the last touchpoint get 40 % each, those between share 20 %."),
        _("Shows openers and closers in one figure."),
        _("Its weights are a convention: nothing in your data supports 40-20-40."),
    ),
    "w_shaped": Claim(
        _("The first touchpoint, the one that led to a milestone and the last get 30 % each, the others share 10 %."),
        _("Shows what opened, what led to the milestone and what closed."),
        _("The choice of the milestone decides the result, and the weights are a convention."),
    ),
    "time_decay": Claim(
        _("Credit halves with every seven days between touchpoint and conversion."),
        _("Shows what happened close to the decision."),
        _("Does not show that recent touchpoints work better: it assumes so."),
    ),
    "custom": Claim(
        _("Credit follows weights of your own by position, channel and kind of touchpoint; alike until you set them."),
        _("Shows the consequence of a convention that you agreed on."),
        _("Is no evidence for that convention: nothing in your data supports the weights."),
    ),
}
CLAIMS |= {
    "incremental": Claim(
        _("Credit is what would not have happened without the touchpoint; what would have happened anyway is apart."),
        _("Says how many conversions each channel brought about, with the uncertainty of that."),
        _("It is no experiment: what moves people and leaves no trace in their touchpoints is mistaken for an effect."),
    ),
    "markov": Claim(
        _("Credit follows the share of conversions that is lost when every visit to a channel ends the journey."),
        _("Shows which channels journeys pass through on their way."),
        _("Does not show what would happen without the channel, and gives all conversions away, organic ones too."),
    ),
    "shapley": Claim(
        _("Credit follows what each channel adds to the conversion rate, averaged over all orders of channels."),
        _("Shows which channels go along with a higher rate of conversion, alone and together."),
        _("Does not show causes: people who meet more channels often wanted more from the start."),
    ),
}
LEARNED_TITLES: dict[str, Words] = {
    "incremental": _("Incremental"),
    "markov": _("Markov chain"),
    "shapley": _("Shapley value"),
}
# In the order in which pages offer them: those with a rule, then those that learn.
METHOD_TITLES: dict[str, Words] = {**orgs.METHOD_TITLES, **LEARNED_TITLES}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a conversion has no credit, in a sentence, and what can be done."""

    title: Words
    sentence: Words
    advice: Words


REASONS: dict[str, Reason] = {
    "no_touchpoint": Reason(
        _("No touchpoint"),
        _("Nothing was recorded of this person before the conversion."),
        _("Check that page views are sent before the sale, and that links in campaigns carry UTM parameters."),
    ),
    "outside_window": Reason(
        _("Outside the window"),
        _("There were touchpoints, but all of them before the lookback window."),
        _("Choose a longer lookback above to see them earn credit."),
    ),
    "identity_missing": Reason(
        _("Identity missing"),
        _("The conversion came without the anonymous id of the browser or device, so no visit can be joined to it."),
        _("Send anonymousId with server events, or call identify before the sale."),
    ),
    "direct_only": Reason(
        _("Direct visits only"),
        _("Every touchpoint in the window was a direct visit, so direct has the credit."),
        _("Put UTM parameters on links in mails, apps and documents: without them these visits look direct."),
    ),
    "consent_denied": Reason(
        _("Consent denied"),
        _("The person did not agree to be measured."),
        _("Nothing: this is their choice, and it is kept."),
    ),
    "fraud": Reason(
        _("Blocked as fraud"),
        _("The touchpoints were refused by a fraud rule."),
        _("Look at the rule's evidence before you pay for these clicks."),
    ),
    "bot": Reason(
        _("Bot"),
        _("A machine made the touchpoints or the conversion."),
        _("Nothing: machines do not buy. They are counted so that the sum is complete."),
    ),
    "duplicate": Reason(
        _("Duplicate"),
        _("The same conversion was sent again."),
        _("Send the same message id when you retry, and nothing is counted twice."),
    ),
    "repeat": Reason(
        _("Repeated"),
        _("The goal counts once per person, and this person had reached it."),
        _("Change the goal's counting if every time should count."),
    ),
}


def reason_of(code: str) -> Reason:
    """Return the words for a reason; one without words is shown as it is."""
    plain = code.replace("_", " ")
    return REASONS.get(code) or Reason(plain[:1].upper() + plain[1:], "", "")
