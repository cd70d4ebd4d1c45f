"""People write notes and put tags; what hangs on a record takes its team and owner from it."""

from django.db import migrations, models
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual

from auditing.migrations._walls import OWN, WEB, WORKER

# The teams all of whose records this person annotates: as auditor or manager; a superuser's are all. Site auditors
# read, and no token writes. Asked once a statement (policies put it into a subselect), for the tables' owner.
ANNOTATED_TEAMS = f"""
CREATE FUNCTION auditing_annotated_teams() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN coalesce(current_setting('clipledger.team', true), '') <> '' THEN '{{}}'
        WHEN public.auditing_is_superuser() THEN public.auditing_whole_teams()
        ELSE (
            SELECT coalesce(array_agg(joined.team_id), '{{}}') FROM public.auditing_membership AS joined
            WHERE joined.user_id = public.auditing_person() AND joined.role IN ('auditor', 'manager')
                AND joined.team_id = ANY (public.auditing_whole_teams())
        )
    END
$$;
REVOKE ALL ON FUNCTION auditing_annotated_teams() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_annotated_teams() TO {WEB}, {WORKER};
"""
NO_ANNOTATED_TEAMS = "DROP FUNCTION auditing_annotated_teams();"

# Whatever a statement says, a note's and a tagging's team and owner are the record's as they are now. The lock is
# the one that the foreign key takes anyway, only earlier: who corrects the owner waits for it, or is waited for.
OF_ITS_RECORD = """
CREATE FUNCTION auditing_annotation_is_of_its_record() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT team_id, owner_id INTO NEW.team_id, NEW.owner_id FROM public.auditing_generation
    WHERE id = NEW.generation_id FOR KEY SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER auditing_annotation_is_of_its_record BEFORE INSERT ON auditing_note
    FOR EACH ROW EXECUTE FUNCTION auditing_annotation_is_of_its_record();
CREATE TRIGGER auditing_annotation_is_of_its_record BEFORE INSERT ON auditing_tagging
    FOR EACH ROW EXECUTE FUNCTION auditing_annotation_is_of_its_record();
"""
NOT_OF_ITS_RECORD = "DROP FUNCTION auditing_annotation_is_of_its_record() CASCADE;"

# Under one's own name only. Notes stay as they were written: nobody is granted more than adding them.
WHOLE = "team_id = ANY ((SELECT auditing_annotated_teams())::bigint[])"
ONESELF = (
    "author_id = (SELECT auditing_person())"
    " AND (SELECT coalesce(current_setting('clipledger.team', true), '')) = ''"
)
A_TAG_OF_THE_TEAM = (
    "EXISTS (SELECT FROM auditing_tag AS tag"
    " WHERE tag.id = tag_id AND tag.team_id = auditing_tagging.team_id)"
)
POLICIES = f"""
CREATE POLICY added ON auditing_note FOR INSERT TO {WEB} WITH CHECK ({ONESELF} AND ({WHOLE} OR {OWN}));
GRANT INSERT ON auditing_note TO {WEB};
CREATE POLICY added ON auditing_tag FOR INSERT TO {WEB} WITH CHECK ({WHOLE});
GRANT INSERT ON auditing_tag TO {WEB};
CREATE POLICY added ON auditing_tagging FOR INSERT TO {WEB}
    WITH CHECK ({ONESELF} AND {WHOLE} AND {A_TAG_OF_THE_TEAM});
CREATE POLICY removed ON auditing_tagging FOR DELETE TO {WEB} USING ({WHOLE});
GRANT INSERT, DELETE ON auditing_tagging TO {WEB};
"""
NO_POLICIES = f"""
REVOKE INSERT ON auditing_note, auditing_tag FROM {WEB};
REVOKE INSERT, DELETE ON auditing_tagging FROM {WEB};
DROP POLICY added ON auditing_note;
DROP POLICY added ON auditing_tag;
DROP POLICY added ON auditing_tagging;
DROP POLICY removed ON auditing_tagging;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('auditing', '0022_open_acts'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='tag',
            name='tag_once_a_team',
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), LessThanOrEqual(Length('text'), 10000)), name='note_text_length'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(models.F('team'), Lower('name'), name='tag_once_a_team_whatever_the_case'),
        ),
        migrations.RunSQL(ANNOTATED_TEAMS, NO_ANNOTATED_TEAMS),
        migrations.RunSQL(OF_ITS_RECORD, NOT_OF_ITS_RECORD),
        migrations.RunSQL(POLICIES, NO_POLICIES),
    ]
