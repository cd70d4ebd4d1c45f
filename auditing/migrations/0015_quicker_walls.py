"""Walls read the settings of who acts by themselves: quicker to plan, and without an effect on other estimates."""

from django.db import migrations

from auditing.migrations._walls import PERSON, RECORD, TEAM, said

OF_RECORDS = ("generation", "lookup", "observation", "note", "tagging", "searchtext")
OF_TEAMS = ("account", "project", "tag", "runpart", "downloadrequest")
RULES = {
    **dict.fromkeys(OF_RECORDS, RECORD),
    **dict.fromkeys(OF_TEAMS, TEAM),
    "membership": f"user_id = {PERSON} OR {TEAM}",
    "team": f"id = ANY ({said('known_teams', 'bigint[]')}::bigint[])",
}
QUICKER = ";\n".join(f"ALTER POLICY seen ON auditing_{table} USING ({rule})" for table, rule in RULES.items())


class Migration(migrations.Migration):
    dependencies = [("auditing", "0023_annotating")]
    # Who sees what is the same as before, so there is nothing to take back.
    operations = [migrations.RunSQL(QUICKER, migrations.RunSQL.noop)]
