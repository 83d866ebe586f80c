"""On whose behalf tasks run: the organization whose property they are about, or the system when they name none."""

from typing import Any

from celery import Task

from apps.orgs import queries
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf


class OrganizationTask(Task):  # type: ignore[type-arg]
    """What every task of the project is: it sees the rows of its own organization alone."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        actor = Actor(kind="task", name=self.name)
        with behalf.acting(Behalf(is_system=True, actor=actor)):
            if "property_id" in kwargs:
                organization_id = queries.organization_of_property(kwargs["property_id"])
                behalf.become(Behalf(organization_id=organization_id, actor=actor))
            return super().__call__(*args, **kwargs)
