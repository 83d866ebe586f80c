"""On whose behalf and in which region tasks run, and the end of organizations whose grace period is over."""

from inspect import signature
from typing import Any

import structlog
from celery import Task, shared_task
from django.utils import timezone

from apps.orgs import queries, services
from apps.orgs.domain import endings
from apps.shared import behalf, regions
from apps.shared.behalf import Actor, Behalf

log = structlog.get_logger(__name__)


def queue_of(_name: str, _args: Any, kwargs: dict[str, Any] | None, *_: Any, **__: Any) -> dict[str, str] | None:
    """Return the queue of a task that is about one region; Celery asks where there are several."""
    about = kwargs or {}
    region = about.get("region") or (_region_of(about["property_id"]) if "property_id" in about else "")
    return {"queue": f"region.{region}"} if region else None


def foreign_queues() -> list[str]:
    """Return the queues that a worker of this process leaves alone."""
    return [f"region.{region}" for region in regions.declared() if not regions.is_served(region)]


def _region_of(property_id: int) -> str:
    return (queries.region_of_property(property_id) or "") if regions.declared() else ""


class OrganizationTask(Task):
    """What every task of the project is: it sees the rows of its own organization alone, and one region's stores.

    One that takes a `region` instead of a property serves everybody there: where there are several regions it is done
    once in each, by that region's workers.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        actor = Actor(kind="task", name=self.name)
        with behalf.acting(Behalf(is_system=True, actor=actor, region=kwargs.get("region", ""))):
            if regions.declared() and self._takes_region() and "region" not in kwargs:
                for region in regions.declared():
                    self.apply_async(args, {**kwargs, "region": region})
                return None
            if "property_id" in kwargs:
                organization_id, region = queries.place_of_property(kwargs["property_id"])
                behalf.become(Behalf(organization_id=organization_id, actor=actor, region=region))
            return self._within_region(behalf.current().region, args, kwargs)

    def _takes_region(self) -> bool:
        return "region" in signature(self.run).parameters

    def _within_region(self, region: str, args: Any, kwargs: Any) -> Any:
        """Run what is of a region served here; anything else goes to the queue of its own region."""
        if region and not regions.is_served(region):
            if self.request.called_directly or region not in regions.declared():
                raise regions.WrongRegion(region)
            log.warning("task.of_another_region", task=self.name, region=region)
            return self.apply_async(args, kwargs) and None
        return super().__call__(*args, **kwargs)


@shared_task(name="orgs.delete_due_organizations")
def delete_due_organizations(*, region: str | None = None, **_: object) -> None:
    """Delete the organizations whose grace period is over, the events first; end support. Safe to repeat."""
    for organization in services.organizations_due(now=timezone.now()):
        for property_id in services.properties_to_end(organization, region=region):
            endings.end_property(property_id)
            services.delete_property(property_id=property_id)
        if not organization.properties.exists():  # else the workers of another region are not done yet
            services.delete_organization(slug=organization.slug)
            log.info("organization.deleted", organization_id=organization.pk)
    services.end_support(now=timezone.now())
