"""Generations as their providers reported them."""

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce

from auditing.models.accounts import Account
from auditing.models.people import Team, User
from auditing.records import LIVE as LIVE_STATUSES
from auditing.records import STICKY_FLAGS as STICKY
from auditing.records import CreditsBasis, Status

UNKNOWN_TIME = datetime(1, 1, 1, tzinfo=UTC)
UNKNOWN_NUMBER = -1
WALLED_BY = ("team", "owner")
LOOKED_AT = (
    "status",
    "provider",
    "account",
    "project",
    "mode",
    "resolution",
    "credits_thousandths",
    "duration_milliseconds",
    "waiting_milliseconds",
    "processing_milliseconds",
    "created_at",
    "updated_at",
)
TOLD_OF_FAILED = (*WALLED_BY, "account", "project", "provider", "mode", "resolution", "created_at")
LONGEST_PROJECT = 200
LIVE = [word.value for word in LIVE_STATUSES]
STICKY_FLAGS = [flag.value for flag in STICKY]
SORTED_BY = {
    "updated": "updated_at",
    "credits": "credits_thousandths",
    "duration": "duration_milliseconds",
    "waiting": "waiting_milliseconds",
    "processing": "processing_milliseconds",
}
FEW_OF_MANY = (
    ("live", models.Q(status__in=LIVE), ("status", "created_at")),
    # What once changed.
    ("changed", models.Q(flags__overlap=STICKY_FLAGS), ("flags", "created_at")),
    # Failures that cost something: the overview and whoever wants refunds ask.
    ("charged", models.Q(status=Status.FAILED.value, credits_thousandths__gt=0), ()),
    # At the end of every other index. They leave this one with their first answer, and none writes to it.
    ("unknown", models.Q(status__isnull=True), ("created_at",)),
)


def sort_key(column: str) -> models.Case:
    """What lists sort a nullable column by: the unknown counts as lowest, so it has a defined place.

    CASE and not COALESCE, which PostgreSQL does not take for leakproof: below row-level security an index on
    it would serve no range.
    """
    return models.Case(
        models.When(**{f"{column}__isnull": True}, then=_unknown(column)), default=models.F(column)
    )


def unindexed_sort_key(column: str) -> Coalesce:
    """The same values, for which no index is: rows sorted by it are found by what they are filtered by."""
    return Coalesce(column, _unknown(column))


def _unknown(column: str) -> models.Value:
    if column.endswith("_at"):
        return models.Value(UNKNOWN_TIME, output_field=models.DateTimeField())
    return models.Value(UNKNOWN_NUMBER, output_field=models.BigIntegerField())


def elapsed(start: str, end: str) -> models.Func:
    """Whole milliseconds from one moment to another; null where one is unknown, or the times contradict."""
    return models.Func(
        end,
        start,
        arg_joiner=" - ",
        template="nullif(greatest(floor(extract(epoch FROM %(expressions)s) * 1000), -1), -1)::bigint",
        output_field=models.BigIntegerField(),
    )


class Project(models.Model):
    """An optional label (client, campaign) that a team charges costs on."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=LONGEST_PROJECT)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "name"), name="project_once_a_team"),)

    def __str__(self) -> str:
        return self.name


class Generation(models.Model):
    """One video job at a provider, known by (team, provider, external_id).

    Everything below `registered_at` is what the provider last said in an `ok` lookup and null until then.
    Credits are whole thousandths, durations whole milliseconds. `flags` are `records.Flag` words.
    """

    # The indexes below begin with team and owner: further ones would only cost.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="generations", db_index=False)
    provider = models.CharField(max_length=32)
    external_id = models.CharField(max_length=255)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="generations")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="generations", db_index=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="generations", db_index=False
    )
    registered_at = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=16, null=True)
    provider_status = models.TextField(null=True)
    title = models.TextField(null=True)
    description = models.TextField(null=True)
    mode = models.TextField(null=True)
    resolution = models.TextField(null=True)
    duration_milliseconds = models.BigIntegerField(null=True)
    output_url = models.TextField(null=True)
    output_key = models.TextField(null=True)
    thumbnail_url = models.TextField(null=True)
    credits_thousandths = models.BigIntegerField(null=True)
    credits_basis = models.CharField(max_length=16, null=True)
    # The most that the provider ever said it cost.
    credits_most_thousandths = models.BigIntegerField(null=True)
    message = models.TextField(null=True)
    error = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    processing_started_at = models.DateTimeField(null=True)
    processing_completed_at = models.DateTimeField(null=True)
    flags = ArrayField(models.CharField(max_length=32), default=list)
    payload = models.JSONField(null=True)
    # Kept by the database: to subtract times is not leakproof, so no index on that would serve a range.
    waiting_milliseconds = models.GeneratedField(
        expression=elapsed("created_at", "processing_started_at"),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )
    processing_milliseconds = models.GeneratedField(
        expression=elapsed("processing_started_at", "processing_completed_at"),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = (
            # In this order it also answers "does this id exist anywhere?", whichever team registered it.
            models.UniqueConstraint(
                fields=("provider", "external_id", "team"), name="generation_once_a_team"
            ),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="generation_id_not_empty"),
            models.CheckConstraint(
                condition=models.Q(status__in=[word.value for word in Status]), name="generation_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(credits_basis__in=[word.value for word in CreditsBasis]),
                name="generation_credits_basis_known",
            ),
            models.CheckConstraint(
                condition=models.Q(credits_thousandths__isnull=True, credits_basis__isnull=True)
                | models.Q(credits_thousandths__gte=0, credits_basis__isnull=False),
                name="generation_credits_with_basis",
            ),
            models.CheckConstraint(
                condition=models.Q(duration_milliseconds__gte=0), name="generation_duration_not_negative"
            ),
        )
        indexes = (
            # One index a sort: keyset pages walk it in either direction. Each of them costs every change.
            # What the walls' policy looks at comes along: a count below it needs no row of the table.
            models.Index(sort_key("created_at"), "id", include=WALLED_BY, name="generation_created"),
            # What filters and sorts look at comes along: few of somebody's rows are found, and any counted,
            # without reading the others.
            models.Index(
                "team",
                sort_key("created_at"),
                "id",
                include=("owner", *LOOKED_AT),
                name="generation_team_created",
            ),
            models.Index(
                "owner",
                sort_key("created_at"),
                "id",
                include=("team", *LOOKED_AT),
                name="generation_owner_created",
            ),
            # So does the column: PostgreSQL does not see that the key tells it, and would read rows to count.
            *(
                models.Index(sort_key(column), "id", include=(*WALLED_BY, column), name=f"generation_{name}")
                for name, column in SORTED_BY.items()
            ),
            # A twentieth of all, and asked for more than any others; claims begin with an account's.
            *(
                models.Index(
                    place,
                    sort_key("created_at"),
                    "id",
                    include=tuple(column for column in TOLD_OF_FAILED if column != place),
                    condition=models.Q(status=Status.FAILED.value),
                    name=f"generation_{place}_failed",
                )
                for place in ("team", "account")
            ),
            # A team's under way, with all that says whether they are stuck: a report asks among millions.
            models.Index(
                "team",
                sort_key("created_at"),
                "id",
                include=("owner", "provider", "status", "created_at", "registered_at"),
                condition=models.Q(status__in=LIVE),
                name="generation_team_live",
            ),
            # What is charged on a client: listed and counted by itself, so as the failed ones.
            models.Index(
                "project",
                sort_key("created_at"),
                "id",
                include=(*WALLED_BY, "account", "provider", "mode", "resolution", "status", "created_at"),
                condition=models.Q(project__isnull=False),
                name="generation_project",
            ),
            # For filters that want few rows of many; whose they are comes along.
            *(
                models.Index(
                    sort_key("created_at"),
                    "id",
                    include=(*WALLED_BY, *columns),
                    condition=condition,
                    name=f"generation_{name}",
                )
                for name, condition, columns in FEW_OF_MANY
            ),
            # Whose rows a team has: one probe for each person.
            models.Index(fields=("team", "owner"), name="generation_team_owner"),
        )

    def __str__(self) -> str:
        return f"{self.provider}/{self.external_id}"
