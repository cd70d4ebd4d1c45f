"""Managers correct whom a record is attributed to and what it is charged on; all that hangs on it follows."""

from django.db import migrations

from auditing.migrations._walls import MANAGED, WEB, WORKER

BY_A_PERSON = "(SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
CORRECTED = f"{BY_A_PERSON} AND {MANAGED}"
POLICIES = f"""
CREATE POLICY changed ON auditing_generation FOR UPDATE TO {WEB} USING ({CORRECTED}) WITH CHECK ({CORRECTED});
GRANT UPDATE (owner_id, project_id) ON auditing_generation TO {WEB};
"""
NO_POLICIES = f"""
REVOKE UPDATE (owner_id, project_id) ON auditing_generation FROM {WEB};
DROP POLICY changed ON auditing_generation;
"""

# Whoever changes them, and whatever the program checks: an owner is of the team, a project is the team's. (Who has
# left the team may stay the owner.) The sync writes neither column, so it never comes here.
SOUND = """
CREATE FUNCTION auditing_correction_is_sound() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.owner_id IS DISTINCT FROM OLD.owner_id AND NEW.owner_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.auditing_membership WHERE team_id = NEW.team_id AND user_id = NEW.owner_id
    ) THEN
        RAISE EXCEPTION 'an owner is a person of the team' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.project_id IS DISTINCT FROM OLD.project_id AND NEW.project_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.auditing_project WHERE team_id = NEW.team_id AND id = NEW.project_id
    ) THEN
        RAISE EXCEPTION 'a project is one of the team' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER auditing_correction_is_sound BEFORE UPDATE OF owner_id, project_id ON auditing_generation
    FOR EACH ROW EXECUTE FUNCTION auditing_correction_is_sound();
"""
NOT_SOUND = "DROP FUNCTION auditing_correction_is_sound() CASCADE;"

# The walls around what hangs on a record look at the owner there. (The search's text follows by 0005.)
FOLLOWS = """
CREATE FUNCTION auditing_owner_is_followed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.auditing_lookup SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_observation SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_note SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    UPDATE public.auditing_tagging SET owner_id = NEW.owner_id WHERE generation_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_owner_is_followed AFTER UPDATE OF owner_id ON auditing_generation
    FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id)
    EXECUTE FUNCTION auditing_owner_is_followed();
"""
NOT_FOLLOWED = "DROP FUNCTION auditing_owner_is_followed() CASCADE;"

# Asked before a correction: waits for whoever is writing about the record, and has those wait who come. First the
# lookup, then the record, as the sync locks them; the record for UPDATE, which also waits for notes under way.
HOLD = f"""
CREATE FUNCTION auditing_hold(held bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.auditing_generation WHERE id = held
            AND team_id = ANY (public.auditing_managed_teams())
    ) THEN
        PERFORM FROM public.auditing_lookup WHERE generation_id = held FOR UPDATE;
        PERFORM FROM public.auditing_generation WHERE id = held FOR UPDATE;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION auditing_hold(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_hold(bigint) TO {WEB}, {WORKER};
"""
NO_HOLD = "DROP FUNCTION auditing_hold(bigint);"


class Migration(migrations.Migration):
    dependencies = [("auditing", "0025_preferences")]
    operations = [
        migrations.RunSQL(SOUND, NOT_SOUND),
        migrations.RunSQL(FOLLOWS, NOT_FOLLOWED),
        migrations.RunSQL(HOLD, NO_HOLD),
        migrations.RunSQL(POLICIES, NO_POLICIES),
    ]
