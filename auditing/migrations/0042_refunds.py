"""Refunds: how each stands, every step on the way, and what lookups find of them in their own transaction."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from auditing.migrations._walls import MANAGED, RECORD, WEB, WORKER, wall

# Managers mark, by themselves: no token does. What lookups find is the database's own affair.
BY_A_PERSON = "(SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
SETTLES = f"{BY_A_PERSON} AND {MANAGED}"
UNDER_ONES_NAME = f"{SETTLES} AND marked_by_id = (SELECT auditing_person())"
POLICIES = f"""
CREATE POLICY added ON auditing_refund FOR INSERT TO {WEB}
    WITH CHECK ({UNDER_ONES_NAME} AND back_thousandths = 0);
GRANT INSERT ON auditing_refund TO {WEB};
CREATE POLICY changed ON auditing_refund FOR UPDATE TO {WEB} USING ({SETTLES}) WITH CHECK ({UNDER_ONES_NAME});
GRANT UPDATE (state, note, marked_by_id) ON auditing_refund TO {WEB};
"""
NO_POLICIES = f"""
REVOKE INSERT ON auditing_refund FROM {WEB};
REVOKE UPDATE (state, note, marked_by_id) ON auditing_refund FROM {WEB};
DROP POLICY added ON auditing_refund;
DROP POLICY changed ON auditing_refund;
"""

# Whose credits fell before there were refunds: found when its provider last said something else.
FROM_BEFORE = """
INSERT INTO auditing_refund (generation_id, team_id, owner_id, state, credits_thousandths, back_thousandths,
    marked_by_id, marked_at, note, version)
SELECT made.id, made.team_id, made.owner_id, 'refunded', made.credits_most_thousandths,
    made.credits_most_thousandths - made.credits_thousandths, NULL,
    coalesce(
        (SELECT max(seen.observed_at) FROM auditing_observation AS seen WHERE seen.generation_id = made.id),
        statement_timestamp()
    ), '', 1
FROM auditing_generation AS made
WHERE made.flags @> '{refunded}' AND made.credits_thousandths < made.credits_most_thousandths;
INSERT INTO auditing_refundstep (generation_id, team_id, owner_id, version, state, credits_thousandths,
    back_thousandths, marked_by_id, marked_at, note)
SELECT generation_id, team_id, owner_id, version, state, credits_thousandths, back_thousandths, marked_by_id,
    marked_at, note
FROM auditing_refund;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

# Whatever a statement says: team and owner are the record's, the time is now, and what is claimed is what is
# charged then. Who claimed and is refused, or told that it was given back, is so for what they claimed.
AS_IT_STANDS = """
CREATE FUNCTION auditing_refund_is_as_it_stands() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.marked_at := statement_timestamp();
    NEW.version := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE OLD.version + 1 END;
    IF TG_OP = 'INSERT' THEN
        SELECT team_id, owner_id INTO NEW.team_id, NEW.owner_id FROM public.auditing_generation
        WHERE id = NEW.generation_id;
    ELSIF OLD.state IN ('claimed', 'refused') AND NEW.state IN ('refunded', 'refused') THEN
        RETURN NEW;
    END IF;
    IF NEW.marked_by_id IS NOT NULL THEN
        SELECT credits_thousandths INTO NEW.credits_thousandths FROM public.auditing_generation
        WHERE id = NEW.generation_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER auditing_refund_is_as_it_stands
    BEFORE INSERT OR UPDATE OF state, note, marked_by_id, back_thousandths ON auditing_refund
    FOR EACH ROW EXECUTE FUNCTION auditing_refund_is_as_it_stands();
CREATE FUNCTION auditing_refund_is_kept() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.auditing_refundstep (generation_id, team_id, owner_id, version, state,
        credits_thousandths, back_thousandths, marked_by_id, marked_at, note)
    VALUES (NEW.generation_id, NEW.team_id, NEW.owner_id, NEW.version, NEW.state,
        NEW.credits_thousandths, NEW.back_thousandths, NEW.marked_by_id, NEW.marked_at, NEW.note);
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_refund_is_kept
    AFTER INSERT OR UPDATE OF state, note, marked_by_id, back_thousandths ON auditing_refund
    FOR EACH ROW EXECUTE FUNCTION auditing_refund_is_kept();
"""
NOT_AS_IT_STANDS = """
DROP FUNCTION auditing_refund_is_as_it_stands() CASCADE;
DROP FUNCTION auditing_refund_is_kept() CASCADE;
"""

# Of a step only the owner ever changes, with the record's.
APPEND_ONLY = """
CREATE FUNCTION auditing_refund_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'owner_id' = to_jsonb(OLD) - 'owner_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'steps of refunds are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER auditing_refund_step_stays BEFORE UPDATE OR DELETE ON auditing_refundstep
    FOR EACH ROW EXECUTE FUNCTION auditing_refund_step_stays();
CREATE TRIGGER auditing_refund_steps_are_never_emptied BEFORE TRUNCATE ON auditing_refundstep
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_refund_step_stays();
"""
NOT_APPEND_ONLY = "DROP FUNCTION auditing_refund_step_stays() CASCADE;"

# A figure below the highest is a refund, whoever claimed it or nobody; charged in full again, it is open again.
# Nearly every answer brings a first figure or the same one: the condition lets it by before any function runs.
FOUND = """
CREATE FUNCTION auditing_refund_is_found() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most bigint := greatest(NEW.credits_most_thousandths, OLD.credits_most_thousandths,
        OLD.credits_thousandths, NEW.credits_thousandths);
    back bigint := most - NEW.credits_thousandths;
BEGIN
    IF back = 0 THEN
        UPDATE public.auditing_refund
        SET state = CASE state WHEN 'refunded' THEN 'open' ELSE state END, back_thousandths = 0,
            marked_by_id = NULL, note = ''
        WHERE generation_id = NEW.id AND back_thousandths > 0;
        RETURN NULL;
    END IF;
    INSERT INTO public.auditing_refund AS kept (generation_id, state, credits_thousandths, back_thousandths,
        marked_by_id, note)
    VALUES (NEW.id, 'refunded', most, back, NULL, '')
    ON CONFLICT (generation_id) DO UPDATE
    SET state = CASE WHEN excluded.back_thousandths > kept.back_thousandths THEN 'refunded' ELSE kept.state END,
        back_thousandths = excluded.back_thousandths, marked_by_id = NULL, note = ''
    WHERE kept.back_thousandths <> excluded.back_thousandths;
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_refund_is_found AFTER UPDATE OF credits_thousandths ON auditing_generation
    FOR EACH ROW WHEN (
        NEW.credits_thousandths IS DISTINCT FROM OLD.credits_thousandths
        AND NEW.credits_thousandths IS NOT NULL
        AND (OLD.credits_most_thousandths IS NOT NULL OR OLD.credits_thousandths IS NOT NULL)
    )
    EXECUTE FUNCTION auditing_refund_is_found();
"""
NOT_FOUND = "DROP FUNCTION auditing_refund_is_found() CASCADE;"

# As it was in 0026, and refunds follow too.
FOLLOWED_BEFORE = """
CREATE OR REPLACE FUNCTION auditing_owner_is_followed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.auditing_lookup SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_observation SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_note SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_tagging SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    RETURN NULL;
END
$$;
"""
FOLLOWS = FOLLOWED_BEFORE.replace(
    "    RETURN NULL;",
    "    UPDATE public.auditing_refund SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;\n"
    "    UPDATE public.auditing_refundstep SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;\n"
    "    RETURN NULL;",
)

# Asked before records are marked: waits for whoever is writing about them, as the sync locks them.
HOLD = f"""
CREATE FUNCTION auditing_hold_all(held bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.auditing_lookup
    WHERE generation_id = ANY (held) AND team_id = ANY ((SELECT public.auditing_managed_teams())::bigint[])
    ORDER BY generation_id FOR UPDATE;
END
$$;
REVOKE ALL ON FUNCTION auditing_hold_all(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_hold_all(bigint[]) TO {WEB}, {WORKER};
"""
NO_HOLD = "DROP FUNCTION auditing_hold_all(bigint[]);"


class Migration(migrations.Migration):
    dependencies = [("auditing", "0041_prices")]
    operations = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("generation", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="refund", serialize=False, to="auditing.generation")),
                ("state", models.CharField(choices=[("open", "Open"), ("claimed", "Claimed"), ("refunded", "Refunded"), ("refused", "Refused")], max_length=16)),
                ("credits_thousandths", models.BigIntegerField(null=True)),
                ("back_thousandths", models.BigIntegerField(default=0)),
                ("marked_at", models.DateTimeField()),
                ("note", models.TextField(default="")),
                ("version", models.PositiveIntegerField(default=1)),
                ("marked_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("team", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auditing.team")),
            ],
            options={
                "indexes": [models.Index(fields=["state", "generation"], name="refund_state")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", ["open", "claimed", "refunded", "refused"])), name="refund_state_known"),
                    models.CheckConstraint(condition=models.Q(("back_thousandths__gte", 0)), name="refund_back_not_negative"),
                    models.CheckConstraint(condition=models.Q(LessThanOrEqual(Length("note"), 2000)), name="refund_note_length"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=16)),
                ("credits_thousandths", models.BigIntegerField(null=True)),
                ("back_thousandths", models.BigIntegerField()),
                ("marked_at", models.DateTimeField()),
                ("note", models.TextField(default="")),
                ("generation", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="refund_steps", to="auditing.generation")),
                ("marked_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("team", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="auditing.team")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("generation", "version"), name="refund_step_once_a_version")],
            },
        ),
        wall("auditing_refund", RECORD),
        wall("auditing_refundstep", RECORD),
        migrations.RunSQL(POLICIES, NO_POLICIES),
        migrations.RunSQL(FROM_BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(AS_IT_STANDS, NOT_AS_IT_STANDS),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(FOUND, NOT_FOUND),
        migrations.RunSQL(FOLLOWS, FOLLOWED_BEFORE),
        migrations.RunSQL(HOLD, NO_HOLD),
    ]
