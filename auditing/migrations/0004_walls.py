"""Wall two: the database itself shows each person only what they may see, whatever the program asks for."""

from django.db import migrations

from auditing.migrations._walls import EVERYBODY, PERSON, RECORD, SUPERUSER, TEAM, WEB, WORKER, said, wall

# Who acts, and what they may see. `access.acting_as` calls auditing_act at the beginning of each transaction, and
# nothing that it sets outlives that: outside the settings are unset or '', and both mean nobody. The person's
# teams are asked for there, once a transaction and for the tables' owner (SECURITY DEFINER), or the walls around
# those tables would ask themselves; policies only read the settings. Nothing in these functions can be led
# astray: the search path is pinned, names are qualified.
WHO = """
CREATE FUNCTION auditing_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT substring(current_setting('clipledger.person', true) FROM '^[0-9]+$')::bigint
$$;
CREATE FUNCTION auditing_sees_everything(who bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.auditing_user AS person
        WHERE person.id = who AND person.is_active AND (
            person.is_superuser
            OR EXISTS (
                SELECT FROM public.auditing_user_user_permissions AS given
                JOIN public.auth_permission AS permission ON permission.id = given.permission_id
                JOIN public.django_content_type AS kind ON kind.id = permission.content_type_id
                WHERE given.user_id = person.id
                    AND permission.codename = 'view_everything' AND kind.app_label = 'auditing'
            )
            OR EXISTS (
                SELECT FROM public.auditing_user_groups AS joined
                JOIN public.auth_group_permissions AS given ON given.group_id = joined.group_id
                JOIN public.auth_permission AS permission ON permission.id = given.permission_id
                JOIN public.django_content_type AS kind ON kind.id = permission.content_type_id
                WHERE joined.user_id = person.id
                    AND permission.codename = 'view_everything' AND kind.app_label = 'auditing'
            )
        )
    )
$$;
CREATE FUNCTION auditing_act(who text, in_team text) RETURNS void LANGUAGE plpgsql
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
        set_config('clipledger.known_teams', known::text, true);
END
$$;
CREATE FUNCTION auditing_is_superuser() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('clipledger.is_superuser', true), '') = 'true'
$$;
CREATE FUNCTION auditing_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('clipledger.everything', true), '') = 'true'
$$;
CREATE FUNCTION auditing_whole_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('clipledger.whole_teams', true), '')::bigint[]
$$;
CREATE FUNCTION auditing_own_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('clipledger.own_teams', true), '')::bigint[]
$$;
CREATE FUNCTION auditing_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('clipledger.teams', true), '')::bigint[]
$$;
CREATE FUNCTION auditing_managed_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('clipledger.managed_teams', true), '')::bigint[]
$$;
CREATE FUNCTION auditing_known_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('clipledger.known_teams', true), '')::bigint[]
$$;
REVOKE ALL ON FUNCTION auditing_act(text, text), auditing_sees_everything(bigint) FROM PUBLIC;
"""
NOBODY = """
DROP FUNCTION auditing_known_teams(), auditing_managed_teams(), auditing_teams(), auditing_own_teams(),
    auditing_whole_teams(), auditing_everything(), auditing_is_superuser(), auditing_act(text, text), auditing_sees_everything(bigint),
    auditing_person();
"""

# "403 or 404?" for a record that is not shown: the one question about others' rows that is answered.
EXISTENCE = f"""
CREATE FUNCTION auditing_is_registered(asked_provider text, asked_id text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.auditing_generation WHERE provider = asked_provider AND external_id = asked_id
    )
$$;
REVOKE ALL ON FUNCTION auditing_is_registered(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_is_registered(text, text) TO {WEB};
"""
NO_EXISTENCE = "DROP FUNCTION auditing_is_registered(text, text);"

# Whose token is it? Asked before anybody acts, by whoever knows the token's hash, and answered with no more than
# it takes to judge it. `belongs` is whether its person may see the team at all.
TOKENS = f"""
CREATE FUNCTION auditing_token_under(asked bytea) RETURNS TABLE (
    id bigint, person_id bigint, team_id bigint, digest bytea, prefix_shown varchar, scopes varchar[],
    expires_at timestamptz, revoked_at timestamptz, belongs boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT token.id, token.person_id, token.team_id, token.digest, token.prefix_shown, token.scopes,
        token.expires_at, token.revoked_at,
        public.auditing_sees_everything(token.person_id) OR EXISTS (
            SELECT FROM public.auditing_membership AS joined
            WHERE joined.user_id = token.person_id AND joined.team_id = token.team_id
        )
    FROM public.auditing_personaltoken AS token WHERE token.digest = asked
$$;
CREATE FUNCTION auditing_note_token_use(used bigint, at timestamptz, every interval) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH free AS (
        SELECT id FROM public.auditing_personaltoken
        WHERE id = used AND (last_used_at IS NULL OR last_used_at <= at - every)
        FOR UPDATE SKIP LOCKED
    ), noted AS (
        UPDATE public.auditing_personaltoken AS token SET last_used_at = at FROM free
        WHERE token.id = free.id RETURNING token.id
    )
    SELECT EXISTS (SELECT FROM noted)
$$;
REVOKE ALL ON FUNCTION auditing_token_under(bytea), auditing_note_token_use(bigint, timestamptz, interval)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_token_under(bytea), auditing_note_token_use(bigint, timestamptz, interval)
    TO {WEB};
"""
NO_TOKENS = """
DROP FUNCTION auditing_token_under(bytea), auditing_note_token_use(bigint, timestamptz, interval);
"""

# The dashboard can't make anybody a superuser or a site auditor, unless a superuser asks it to.
PRIVILEGES = f"""
CREATE FUNCTION auditing_privileges_are_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = '{WEB}' AND NOT public.auditing_is_superuser() THEN
        IF TG_TABLE_NAME <> 'auditing_user' THEN
            RAISE EXCEPTION 'only superusers give rights' USING ERRCODE = 'insufficient_privilege';
        ELSIF NEW.is_superuser > (TG_OP = 'UPDATE' AND OLD.is_superuser)
            OR NEW.is_staff > (TG_OP = 'UPDATE' AND OLD.is_staff) THEN
            RAISE EXCEPTION 'only superusers give rights' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER auditing_privileges_are_given BEFORE INSERT OR UPDATE ON auditing_user
    FOR EACH ROW EXECUTE FUNCTION auditing_privileges_are_given();
CREATE TRIGGER auditing_privileges_are_given BEFORE INSERT OR UPDATE ON auditing_user_user_permissions
    FOR EACH ROW EXECUTE FUNCTION auditing_privileges_are_given();
CREATE TRIGGER auditing_privileges_are_given BEFORE INSERT OR UPDATE ON auditing_user_groups
    FOR EACH ROW EXECUTE FUNCTION auditing_privileges_are_given();
CREATE TRIGGER auditing_privileges_are_given BEFORE INSERT OR UPDATE ON auth_group_permissions
    FOR EACH ROW EXECUTE FUNCTION auditing_privileges_are_given();
"""
NO_PRIVILEGES = "DROP FUNCTION auditing_privileges_are_given() CASCADE;"

# The worker may read and write every table (audited rows as the system only), this one and later ones; the
# dashboard what is said here, and nothing of a table that is not named.
GRANTS = f"""
GRANT EXECUTE ON FUNCTION auditing_act(text, text) TO {WEB}, {WORKER};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {WORKER};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {WORKER};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {WORKER};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {WORKER};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {WORKER};
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, account_emailaddress, account_emailconfirmation,
    auditing_user, auditing_user_groups, auditing_user_user_permissions, auth_group, auth_group_permissions
    TO {WEB};
GRANT SELECT ON auth_permission, django_content_type, django_migrations, procrastinate_workers TO {WEB};
GRANT SELECT, INSERT ON django_admin_log, procrastinate_jobs TO {WEB};
GRANT INSERT ON procrastinate_events TO {WEB};
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq TO {WEB};
"""
NO_GRANTS = f"""
GRANT EXECUTE ON FUNCTION auditing_act(text, text) TO {WEB}, {WORKER};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {WORKER};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {WORKER};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {WEB}, {WORKER};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {WEB}, {WORKER};
"""

# An account's run and lease, and its key's last four characters: for whoever may know of the account.
OF_A_KNOWN_ACCOUNT = "EXISTS (SELECT FROM auditing_account AS account WHERE account.id = account_id)"
SHOWN_OF_KEYS = ("account_id", "last_four", "stored_at")
OF_A_SEEN_RUN = "EXISTS (SELECT FROM auditing_runpart AS part WHERE part.run_id = auditing_run.id)"
OWN_OR_TEAMS = f"user_id = {PERSON} OR {TEAM}"
# Tokens are their person's own affair, and no token's bearer sees any.
OWN_TOKEN = (
    "person_id = (SELECT auditing_person())"
    " AND (SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
)
A_TEAM = f"id = ANY ({said('known_teams', 'bigint[]')}::bigint[])"
EVERYTHING = dict.fromkeys(("adds", "changes", "removes"), SUPERUSER)


class Migration(migrations.Migration):
    dependencies = [
        ("auditing", "0003_personal_tokens"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(WHO, NOBODY),
        migrations.RunSQL(GRANTS, NO_GRANTS),
        migrations.RunSQL(EXISTENCE, NO_EXISTENCE),
        migrations.RunSQL(TOKENS, NO_TOKENS),
        migrations.RunSQL(PRIVILEGES, NO_PRIVILEGES),
        wall("auditing_team", A_TEAM, **EVERYTHING, worker=EVERYBODY),
        wall("auditing_membership", OWN_OR_TEAMS, **EVERYTHING, worker=EVERYBODY),
        wall("auditing_account", TEAM, worker=EVERYBODY),
        wall("auditing_credential", OF_A_KNOWN_ACCOUNT, shown=SHOWN_OF_KEYS, worker=EVERYBODY),
        wall(
            "auditing_personaltoken",
            OWN_TOKEN,
            adds=f"({OWN_TOKEN}) AND {TEAM}",
            changes=OWN_TOKEN,
            columns=("revoked_at",),
            worker=EVERYBODY,
        ),
        wall("auditing_project", TEAM, **EVERYTHING, worker=EVERYBODY),
        wall("auditing_tag", TEAM),
        wall("auditing_generation", RECORD),
        wall("auditing_lookup", RECORD),
        wall("auditing_observation", RECORD),
        wall("auditing_note", RECORD),
        wall("auditing_tagging", RECORD),
        wall("auditing_runpart", TEAM),
        wall("auditing_run", OF_A_SEEN_RUN),
        wall("auditing_lease", OF_A_KNOWN_ACCOUNT),
        wall("auditing_downloadrequest", TEAM, adds=TEAM),
    ]
