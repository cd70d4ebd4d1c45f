"""Who opened a record's page, as the trail has it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from auditing.models import Act, Generation, TrailEntry

VIEWERS = 10


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who opened a record's page: how often, and when last."""

    name: str
    username: str
    times: int
    last_at: datetime


def viewers_of(entries: QuerySet[TrailEntry] | None, generation: Generation) -> list[Viewer] | None:
    """The last people who opened a record's page, each once, the latest first; None for who sees none of the
    trail's entries of its team."""
    if entries is None:
        return None
    views = entries.filter(
        provider=generation.provider, external_id=generation.external_id, act=Act.VIEWED, owner__isnull=False
    )
    names = ("owner__username", "owner__first_name", "owner__last_name")
    found = (
        views.filter(team_id=generation.team_id)
        .values(*names)
        .annotate(times=Count("pk"), last_at=Max("acted_at"))
        .order_by("-last_at")[:VIEWERS]
    )
    return [
        Viewer(
            name=f"{row['owner__first_name']} {row['owner__last_name']}".strip() or row["owner__username"],
            username=row["owner__username"],
            times=row["times"],
            last_at=row["last_at"],
        )
        for row in found
    ]
