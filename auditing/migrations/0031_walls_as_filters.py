"""Walls as filters that the planner takes for true: plans are those of the same queries without a wall."""

from django.db import migrations

from auditing.migrations._walls import PERSON, RECORD, TEAM, said

# As it was, and at the end the settings that the rule of records reads now.
ACT = """
CREATE OR REPLACE FUNCTION auditing_act(who text, in_team text) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := substring(who FROM '^[0-9]+$')::bigint;
    only_team bigint := substring(in_team FROM '^[0-9]+$')::bigint;
    everything boolean := false;
    is_superuser boolean := false;
    whole bigint[] := '{}';
    own bigint[] := '{}';
    managed bigint[] := '{}';
    known bigint[] := '{}';
BEGIN
    IF person IS NOT NULL THEN
        SELECT coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role IN ('auditor', 'manager')), '{}'),
            coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role = 'member'), '{}'),
            coalesce(array_agg(joined.team_id) FILTER (WHERE joined.role = 'manager'), '{}')
        INTO whole, own, managed
        FROM public.auditing_membership AS joined
        JOIN public.auditing_user AS found ON found.id = joined.user_id AND found.is_active
        WHERE joined.user_id = person AND (only_team IS NULL OR joined.team_id = only_team);
        everything := public.auditing_sees_everything(person);
        IF everything THEN
            SELECT coalesce(array_agg(team.id), '{}') INTO whole FROM public.auditing_team AS team
            WHERE only_team IS NULL OR team.id = only_team;
            SELECT found.is_superuser INTO is_superuser FROM public.auditing_user AS found
            WHERE found.id = person;
            IF is_superuser THEN
                managed := whole;
            END IF;
        END IF;
        -- A token of one's own names its team, even after its person has left it.
        SELECT whole || own || coalesce(array_agg(DISTINCT token.team_id), '{}') INTO known
        FROM public.auditing_personaltoken AS token
        WHERE token.person_id = person AND only_team IS NULL;
    END IF;
    PERFORM set_config('clipledger.person', who, true), set_config('clipledger.team', in_team, true),
        set_config('clipledger.everything', (everything AND only_team IS NULL)::text, true),
        set_config('clipledger.is_superuser', (is_superuser AND only_team IS NULL)::text, true),
        set_config('clipledger.whole_teams', whole::text, true),
        set_config('clipledger.own_teams', own::text, true),
        set_config('clipledger.teams', (whole || own)::text, true),
        set_config('clipledger.managed_teams', managed::text, true),
        set_config('clipledger.known_teams', known::text, true),
        set_config('clipledger.whole_team',
            CASE WHEN everything AND only_team IS NULL THEN '0' ELSE coalesce(whole[1]::text, '') END, true),
        set_config('clipledger.sees', (whole || ARRAY(SELECT -unnest(whole || own)))::text, true);
END
$$;
"""
OF_RECORDS = ("generation", "lookup", "observation", "note", "tagging", "searchtext")
OF_TEAMS = ("account", "project", "tag", "runpart")
RULES = {
    **dict.fromkeys(OF_RECORDS, RECORD),
    **dict.fromkeys(OF_TEAMS, TEAM),
    "membership": f"user_id = {PERSON} OR {TEAM}",
    "team": f"id = ANY ({said('known_teams', 'bigint[]')}::bigint[])",
}
AS_FILTERS = ";\n".join(f"ALTER POLICY seen ON auditing_{table} USING ({rule})" for table, rule in RULES.items())


class Migration(migrations.Migration):
    dependencies = [("auditing", "0030_watch_managers")]
    # Who sees what is the same as before, so there is nothing to take back.
    operations = [
        migrations.RunSQL(ACT, migrations.RunSQL.noop),
        migrations.RunSQL(AS_FILTERS, migrations.RunSQL.noop),
    ]
