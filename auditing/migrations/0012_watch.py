"""A file that is under way ends when its person loses the right to a part of it."""

from django.db import migrations

from auditing.migrations._walls import WEB, WORKER

# Asked from within the statement that writes the file, and each time about what is committed by then: a VOLATILE
# function's own queries take a new snapshot each, while the file's rows are all of one moment. What the person
# saw when they began to act is in auditing_act's settings; whoever sees more by now goes on. RESTRICTED: only
# the process that sends the rows asks.
STILL_SEES = f"""
CREATE FUNCTION auditing_still_sees(by_token bigint) RETURNS boolean
    LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := public.auditing_person();
    whole bigint[];
    joined_now bigint[];
    sees boolean;
BEGIN
    SELECT coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role IN ('auditor', 'manager')), '{{}}'),
        coalesce(array_agg(joined.team_id), '{{}}')
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
REVOKE ALL ON FUNCTION auditing_still_sees(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_still_sees(bigint) TO {WEB}, {WORKER};
"""


class Migration(migrations.Migration):
    dependencies = [("auditing", "0011_api_pace")]
    operations = [
        migrations.RunSQL(STILL_SEES, "DROP FUNCTION auditing_still_sees(bigint);"),
    ]
