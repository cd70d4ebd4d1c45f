"""Keeps with a lookup that isn't settled when its record was created: a report's freshness is told by these alone.

Lookups that aren't settled are few of many; to ask their records when they were created was to read wide rows that lie
anywhere.
"""

from django.db import migrations, models

FAILING = ["unreachable", "malformed", "rate_limited", "unauthorized"]


def unsettled(row):
    """The index's condition; never null."""
    words = ", ".join(f"'{word}'" for word in FAILING)
    return f"({row}.due_at IS NOT NULL OR {row}.outcome IS NULL OR {row}.outcome IN ({words}))"


# A lookup is dated with the rights of who writes it: what they can't see of a record, nobody learns from its lookup.
# One that only moves on from one due time to the next calls no function. What changes of records come to is written
# once for all of a statement, also where who changes them may write no lookup.
KEPT = f"""
CREATE FUNCTION auditing_lookup_is_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := CASE WHEN {unsettled("NEW")}
        THEN (SELECT created_at FROM public.auditing_generation WHERE id = NEW.generation_id) END;
    RETURN NEW;
END
$$;
CREATE TRIGGER auditing_lookup_is_dated BEFORE INSERT ON auditing_lookup
    FOR EACH ROW EXECUTE FUNCTION auditing_lookup_is_dated();
CREATE TRIGGER auditing_lookup_stays_dated BEFORE UPDATE ON auditing_lookup
    FOR EACH ROW WHEN ({unsettled("OLD")} <> {unsettled("NEW")})
    EXECUTE FUNCTION auditing_lookup_is_dated();
CREATE FUNCTION auditing_creation_is_followed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.auditing_lookup AS kept SET created_at = after.created_at
    FROM written AS after JOIN gone AS before USING (id)
    WHERE after.created_at IS DISTINCT FROM before.created_at
        AND kept.generation_id = after.id AND {unsettled("kept")}
        AND kept.created_at IS DISTINCT FROM after.created_at;
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_creation_is_followed AFTER UPDATE ON auditing_generation
    REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_creation_is_followed();
"""
NOT_KEPT = "DROP FUNCTION auditing_lookup_is_dated(), auditing_creation_is_followed() CASCADE;"

# Those that were never looked up have no time of creation, and need no writing.
FILLED = f"""
UPDATE auditing_lookup AS kept SET created_at = record.created_at
FROM auditing_generation AS record
WHERE record.id = kept.generation_id AND record.created_at IS NOT NULL AND {unsettled("kept")}
"""  # noqa: S608 - our own words


class Migration(migrations.Migration):
    dependencies = [("auditing", "0058_stuck_by_team")]
    operations = [
        migrations.AddField(
            model_name="lookup", name="created_at", field=models.DateTimeField(null=True, editable=False)
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="lookup",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False),
                    ("outcome__isnull", True),
                    ("outcome__in", FAILING),
                    _connector="OR",
                ),
                fields=["team", "created_at"],
                include=("generation", "owner", "outcome", "synced_at", "due_at"),
                name="lookup_unsettled",
            ),
        ),
        migrations.RunSQL("ANALYZE auditing_lookup", migrations.RunSQL.noop),
    ]
