"""A download link is its asker's alone again: 0015 had opened it to the whole team."""

from django.db import migrations

from auditing.migrations._walls import PERSON, TEAM

ASKERS = f"ALTER POLICY seen ON auditing_downloadrequest USING (asked_by_id = {PERSON})"
TEAMS = f"ALTER POLICY seen ON auditing_downloadrequest USING ({TEAM})"


class Migration(migrations.Migration):
    dependencies = [("auditing", "0028_saved_views")]
    operations = [migrations.RunSQL(ASKERS, TEAMS)]
