"""Rules that Django's models can't say: history is only ever appended to, and rows stay in one team."""

from django.db import migrations

# A payload may be erased later (retention, privacy), its salt with it, so that no guess can be confirmed; the
# owner follows a correction of attribution, which is not part of the chain. Nothing else of an observation
# ever changes, and none is deleted.
APPEND_ONLY = """
CREATE FUNCTION auditing_observation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(NEW) - '{payload,payload_salt,owner_id}'::text[])
               = (to_jsonb(OLD) - '{payload,payload_salt,owner_id}'::text[])
           AND (NEW.payload IS NULL OR NEW.payload IS NOT DISTINCT FROM OLD.payload)
           AND (NEW.payload_salt = OLD.payload_salt OR (NEW.payload IS NULL AND NEW.payload_salt = '')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'observations are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER auditing_observation_stays BEFORE UPDATE OR DELETE ON auditing_observation
    FOR EACH ROW EXECUTE FUNCTION auditing_observation_stays();
CREATE TRIGGER auditing_observation_is_never_emptied BEFORE TRUNCATE ON auditing_observation
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_observation_stays();
"""
NOT_APPEND_ONLY = """
DROP TRIGGER auditing_observation_is_never_emptied ON auditing_observation;
DROP TRIGGER auditing_observation_stays ON auditing_observation;
DROP FUNCTION auditing_observation_stays();
"""

# A generation's account is one of its own team.
ONE_TEAM = """
ALTER TABLE auditing_generation ADD CONSTRAINT generation_account_of_its_team
    FOREIGN KEY (account_id, team_id) REFERENCES auditing_account (id, team_id);
"""
NOT_ONE_TEAM = "ALTER TABLE auditing_generation DROP CONSTRAINT generation_account_of_its_team;"


class Migration(migrations.Migration):
    dependencies = [("auditing", "0001_initial")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(ONE_TEAM, NOT_ONE_TEAM),
    ]
