"""A file also ends when its person manages a team no more: a manager's may be of the team's trail."""

from django.db import migrations

STILL_SEES = """
CREATE OR REPLACE FUNCTION auditing_still_sees(by_token bigint) RETURNS boolean
    LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := public.auditing_person();
    whole bigint[];
    joined_now bigint[];
    managed bigint[];
    sees boolean;
BEGIN
    SELECT coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role IN ('auditor', 'manager')), '{}'),
        coalesce(array_agg(joined.team_id), '{}'),
        coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role = 'manager'), '{}')
    INTO whole, joined_now, managed
    FROM public.auditing_membership AS joined
    JOIN public.auditing_user AS found ON found.id = joined.user_id AND found.is_active
    WHERE joined.user_id = person;
    sees := person IS NULL
        OR (NOT public.auditing_everything()
            AND public.auditing_whole_teams() <@ whole AND public.auditing_own_teams() <@ joined_now
            AND public.auditing_managed_teams() <@ managed)
        OR public.auditing_sees_everything(person);
    IF by_token IS NOT NULL THEN
        sees := sees AND EXISTS (
            SELECT FROM public.auditing_personaltoken
            WHERE id = by_token AND revoked_at IS NULL AND expires_at > clock_timestamp()
        );
    END IF;
    IF sees THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'who asked for this does not see all of it any more' USING ERRCODE = 'CL403';
END
$$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION auditing_still_sees(by_token bigint) RETURNS boolean
    LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := public.auditing_person();
    whole bigint[];
    joined_now bigint[];
    sees boolean;
BEGIN
    SELECT coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role IN ('auditor', 'manager')), '{}'),
        coalesce(array_agg(joined.team_id), '{}')
    INTO whole, joined_now
    FROM public.auditing_membership AS joined
    JOIN public.auditing_user AS found ON found.id = joined.user_id AND found.is_active
    WHERE joined.user_id = person;
    sees := person IS NULL
        OR (NOT public.auditing_everything()
            AND public.auditing_whole_teams() <@ whole AND public.auditing_own_teams() <@ joined_now)
        OR public.auditing_sees_everything(person);
    IF by_token IS NOT NULL THEN
        sees := sees AND EXISTS (
            SELECT FROM public.auditing_personaltoken
            WHERE id = by_token AND revoked_at IS NULL AND expires_at > clock_timestamp()
        );
    END IF;
    IF sees THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'who asked for this does not see all of it any more' USING ERRCODE = 'CL403';
END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0029_links_of_their_askers'),
    ]

    operations = [migrations.RunSQL(STILL_SEES, AS_BEFORE)]
