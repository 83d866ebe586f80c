"""On whose behalf tasks run, and the end of organizations whose grace period is over."""

from typing import Any

import structlog
from celery import Task, shared_task
from django.utils import timezone

from apps.orgs import queries, services
from apps.orgs.domain import endings
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf

log = structlog.get_logger(__name__)


class OrganizationTask(Task):
    """What every task of the project is: it sees the rows of its own organization alone."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        actor = Actor(kind="task", name=self.name)
        with behalf.acting(Behalf(is_system=True, actor=actor)):
            if "property_id" in kwargs:
                organization_id = queries.organization_of_property(kwargs["property_id"])
                behalf.become(Behalf(organization_id=organization_id, actor=actor))
            return super().__call__(*args, **kwargs)


@shared_task(name="orgs.delete_due_organizations")
def delete_due_organizations(**_: object) -> None:
    """Delete the organizations whose grace period is over, the events first; end support. Safe to repeat."""
    for organization in services.organizations_due(now=timezone.now()):
        for property_id in organization.properties.values_list("pk", flat=True):
            endings.end_property(property_id)
        services.delete_organization(slug=organization.slug)
        log.info("organization.deleted", organization_id=organization.pk)
    services.end_support(now=timezone.now())
