"""What people did, for good: a table that is only ever added to."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import EVERYBODY, MANAGED, WEB, WORKER, wall

# Everybody may add to it, also who has not signed in yet; managers and those who see everything read it.
READERS = f"{MANAGED} OR (SELECT auditing_everything())"

# The teams that an entry is told to: asked at signing in, too, before anybody acts.
TEAMS_OF = f"""
CREATE FUNCTION auditing_teams_of(who bigint) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT team_id FROM public.auditing_membership WHERE user_id = who
$$;
REVOKE ALL ON FUNCTION auditing_teams_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_teams_of(bigint) TO {WEB}, {WORKER};
"""

# What people did is never changed and never deleted, by nobody.
APPEND_ONLY = """
CREATE FUNCTION auditing_trail_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER auditing_trail_stays BEFORE UPDATE OR DELETE ON auditing_trailentry
    FOR EACH ROW EXECUTE FUNCTION auditing_trail_stays();
CREATE TRIGGER auditing_trail_is_never_emptied BEFORE TRUNCATE ON auditing_trailentry
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_trail_stays();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER auditing_trail_is_never_emptied ON auditing_trailentry;
DROP TRIGGER auditing_trail_stays ON auditing_trailentry;
DROP FUNCTION auditing_trail_stays();
"""

# The use of a token is told once a minute at most, however many requests it makes in that minute.
TOKEN_USE = """
CREATE UNIQUE INDEX trail_token_use ON auditing_trailentry
    (token, date_trunc('minute', acted_at AT TIME ZONE 'UTC')) WHERE act = 'token_used';
"""
NO_TOKEN_USE = "DROP INDEX trail_token_use;"


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0008_keys_for_workers'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrailEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('acted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('act', models.CharField(choices=[('signed_in', 'Signed in'), ('sign_in_failed', 'Sign-in failed'), ('signed_out', 'Signed out'), ('refused', 'Refused'), ('viewed', 'Record viewed'), ('download_asked', 'Download link asked for'), ('exported', 'Export made'), ('refresh_asked', 'Refresh asked for'), ('token_made', 'Token made'), ('token_used', 'Token used'), ('token_revoked', 'Token revoked'), ('key_stored', 'Key stored'), ('key_replaced', 'Key replaced'), ('membership_changed', 'Membership changed'), ('right_changed', 'Right changed')], max_length=32)),
                ('provider', models.CharField(default='', max_length=32)),
                ('external_id', models.CharField(default='', max_length=255)),
                ('asked', models.CharField(default='', max_length=500)),
                ('result', models.CharField(default='', max_length=100)),
                ('token', models.CharField(default='', max_length=64)),
                ('address', models.GenericIPAddressField(null=True)),
                ('request_id', models.CharField(default='', max_length=64)),
                ('account', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.account')),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
            options={
                'indexes': [models.Index(fields=['acted_at', 'id'], name='trail_acted'), models.Index(fields=['team', 'acted_at', 'id'], name='trail_team_acted'), models.Index(fields=['owner', 'acted_at', 'id'], name='trail_owner_acted'), models.Index(fields=['act', 'acted_at', 'id'], name='trail_act_acted'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('asked'), name='gin_trgm_ops'), name='trail_asked')],
                'constraints': [models.CheckConstraint(condition=models.Q(('act__in', ['signed_in', 'sign_in_failed', 'signed_out', 'refused', 'viewed', 'download_asked', 'exported', 'refresh_asked', 'token_made', 'token_used', 'token_revoked', 'key_stored', 'key_replaced', 'membership_changed', 'right_changed'])), name='trail_act_known')],
            },
        ),
        migrations.RunSQL(TEAMS_OF, "DROP FUNCTION auditing_teams_of(bigint);"),
        wall("auditing_trailentry", READERS, adds=EVERYBODY),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(TOKEN_USE, NO_TOKEN_USE),
    ]
