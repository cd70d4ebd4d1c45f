"""Checks an observation's keys once: each constraint more costs every change that a lookup finds."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# An observation's account is vouched for by its chain's head, so that must not go before the observations.
HEADS_STAY = """
CREATE FUNCTION auditing_chainhead_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'observations hang on the head of this chain' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER auditing_chainhead_stays BEFORE DELETE ON auditing_chainhead
    FOR EACH ROW WHEN (OLD.sequence > 0) EXECUTE FUNCTION auditing_chainhead_stays();
"""
HEADS_GO = """
DROP TRIGGER auditing_chainhead_stays ON auditing_chainhead;
DROP FUNCTION auditing_chainhead_stays();
"""


def vouched_for(to: str, related_name: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A key that another row's constraint vouches for."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("auditing", "0045_filters_in_indexes")]
    operations = [
        migrations.RunSQL(HEADS_STAY, HEADS_GO),
        migrations.AlterField("observation", "account", vouched_for("auditing.account", "observations")),
        migrations.AlterField("observation", "team", vouched_for("auditing.team", "+")),
        migrations.AlterField(
            "observation", "owner", vouched_for(settings.AUTH_USER_MODEL, "+", null=True)
        ),
    ]
