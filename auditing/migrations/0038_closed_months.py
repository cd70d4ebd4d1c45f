"""Months can be closed: what they came to is frozen, and what becomes known of them later is told as adjustments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._closing import (
    APPEND_ONLY,
    CLOSING,
    DIGEST,
    JOBS,
    NOT_APPEND_ONLY,
    NOT_CLOSING,
    NOT_TELLING,
    TELLING,
)
from auditing.migrations._walls import RECORD, TEAM, as_filter, said, wall

# A month's seal tells of the whole team.
WHOLE = as_filter(f"team_id = ANY ({said('whole_teams', 'bigint[]')}::bigint[])")


def to(model, **options):
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model, **options
    )


def counted():
    """The columns that frozen cells and adjustments have in common."""
    sums = ("jobs", "credits", "credits_most", "refunded", "timed", "milliseconds", "credits_timed")
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("day", models.DateField()),
        ("provider", models.CharField(max_length=32)),
        ("mode", models.TextField(null=True)),
        ("resolution", models.TextField(null=True)),
        ("status", models.CharField(max_length=16, null=True)),
        ("credits_basis", models.CharField(max_length=16, null=True)),
        *((name, models.BigIntegerField()) for name in sums),
        ("closed", to("auditing.closedmonth")),
        ("team", to("auditing.team")),
        ("owner", to(settings.AUTH_USER_MODEL, null=True)),
        ("account", to("auditing.account")),
        ("project", to("auditing.project", null=True)),
    ]


KINDS = [
    ("registered", "Registered"), ("entered", "Came into the month"), ("changed", "Changed"),
    ("left", "Left the month"), ("deleted", "Deleted"),
]  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0035_sorts_of_durations'),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("zone", models.TextField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField()),
                ("closed_by", to(settings.AUTH_USER_MODEL)),
                ("team", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="closed_months", to="auditing.team")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "month"), name="closed_once"),
                    models.CheckConstraint(condition=models.Q(month__day=1), name="closed_month_by_its_first_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosedSeal",
            fields=[
                ("closed", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="seal", serialize=False, to="auditing.closedmonth")),
                ("jobs", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("team", to("auditing.team")),
            ],
        ),
        migrations.CreateModel(
            name="ClosedCell",
            fields=counted(),
            options={"indexes": [models.Index(fields=["closed", "owner"], name="closed_cell")]},
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                *counted(),
                ("occasion", models.BigIntegerField()),
                ("known_at", models.DateTimeField()),
                ("kind", models.CharField(choices=KINDS, max_length=16)),
                ("generation_id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=255)),
                ("sign", models.SmallIntegerField()),
                ("other_day", models.DateField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["closed", "generation_id", "occasion"], name="adjustment_job"),
                    models.Index(fields=["team", "known_at"], name="adjustment_known"),
                ],
            },
        ),
        wall("auditing_closedmonth", TEAM),
        wall("auditing_closedseal", WHOLE),
        wall("auditing_closedcell", RECORD),
        wall("auditing_adjustment", RECORD),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(JOBS, migrations.RunSQL.noop),
        migrations.RunSQL(DIGEST, migrations.RunSQL.noop),
        migrations.RunSQL(CLOSING, NOT_CLOSING),
        migrations.RunSQL(TELLING, NOT_TELLING),
    ]
