"""One view for each address of the reports."""

from apps.reports.views.conversions import conversion_detail, conversion_list
from apps.reports.views.decisions import decision_list, decision_windows
from apps.reports.views.events import event_find
from apps.reports.views.exports import table_export
from apps.reports.views.live import live
from apps.reports.views.methods import methods
from apps.reports.views.overview import overview
from apps.reports.views.training import cancel_training, see_move, start_training, training_detail, training_list
from apps.reports.views.trials import cancel_trial, start_trial
from apps.reports.views.unattributed import unattributed
from apps.reports.views.what_if import promote, undo, what_if, what_if_export

__all__ = [
    "cancel_training",
    "cancel_trial",
    "conversion_detail",
    "conversion_list",
    "decision_list",
    "decision_windows",
    "event_find",
    "live",
    "methods",
    "overview",
    "promote",
    "see_move",
    "start_training",
    "start_trial",
    "table_export",
    "training_detail",
    "training_list",
    "unattributed",
    "undo",
    "what_if",
    "what_if_export",
]
