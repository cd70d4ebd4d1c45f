"""Keys are sealed for workers, and tested; links are asked for by workers, for the person who wants one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import EVERYBODY, MANAGED, TEAM, WEB, wall

# Managers add accounts of their teams, give them keys, and end a pause by that. Of a key the dashboard reads
# what its page shows; what is sealed it can write, and never read back.
OF_A_KNOWN_ACCOUNT = "EXISTS (SELECT FROM auditing_account AS account WHERE account.id = account_id)"
OF_A_MANAGED_ACCOUNT = f"""EXISTS (
    SELECT FROM auditing_account AS account WHERE account.id = account_id AND account.{MANAGED}
)"""
KEYS = f"""
CREATE POLICY added ON auditing_account FOR INSERT TO {WEB} WITH CHECK ({MANAGED});
CREATE POLICY changed ON auditing_account FOR UPDATE TO {WEB} USING ({MANAGED}) WITH CHECK ({MANAGED});
GRANT INSERT, UPDATE (paused_at, probe_at, quarantined_at, notice) ON auditing_account TO {WEB};
CREATE POLICY added ON auditing_credential FOR INSERT TO {WEB} WITH CHECK ({OF_A_MANAGED_ACCOUNT});
CREATE POLICY changed ON auditing_credential FOR UPDATE TO {WEB}
    USING ({OF_A_MANAGED_ACCOUNT}) WITH CHECK ({OF_A_MANAGED_ACCOUNT});
GRANT INSERT, UPDATE, SELECT (tested_at, test_result, test_words) ON auditing_credential TO {WEB};
"""
NO_KEYS = f"""
REVOKE INSERT, UPDATE ON auditing_account FROM {WEB};
DROP POLICY added ON auditing_account;
DROP POLICY changed ON auditing_account;
REVOKE INSERT, UPDATE ON auditing_credential FROM {WEB};
DROP POLICY added ON auditing_credential;
DROP POLICY changed ON auditing_credential;
"""

# A link is its asker's alone: a teammate who may see the record asks for another.
LINKS = f"""
DROP POLICY seen ON auditing_downloadrequest;
CREATE POLICY seen ON auditing_downloadrequest FOR SELECT TO {WEB}
    USING (asked_by_id = (SELECT auditing_person()));
DROP POLICY added ON auditing_downloadrequest;
CREATE POLICY added ON auditing_downloadrequest FOR INSERT TO {WEB} WITH CHECK (
    asked_by_id = (SELECT auditing_person())
    AND EXISTS (
        SELECT FROM auditing_generation AS asked_for
        WHERE asked_for.id = generation_id AND asked_for.account_id = auditing_downloadrequest.account_id
    )
    AND answered_at IS NULL AND url = ''
);
"""
NO_LINKS = f"""
DROP POLICY seen ON auditing_downloadrequest;
CREATE POLICY seen ON auditing_downloadrequest FOR SELECT TO {WEB} USING ({TEAM});
DROP POLICY added ON auditing_downloadrequest;
CREATE POLICY added ON auditing_downloadrequest FOR INSERT TO {WEB} WITH CHECK ({TEAM});
"""


class Migration(migrations.Migration):
    dependencies = [("auditing", "0007_uploads")]
    operations = [
        # What they count is over within the hour, and nothing refers to them.
        migrations.RunSQL("DELETE FROM auditing_downloadrequest", migrations.RunSQL.noop),
        migrations.AddField(
            "credential", "wrapped_for", models.CharField(max_length=16, default=""), preserve_default=False
        ),
        migrations.AlterField("credential", "stored_at", models.DateTimeField()),
        migrations.AddField("credential", "tested_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "credential",
            "test_result",
            models.CharField(
                blank=True,
                default="",
                max_length=16,
                choices=[
                    ("works", "Works"),
                    ("refused", "Refused"),
                    ("unreachable", "Unreachable"),
                    ("unclear", "Unclear"),
                ],
            ),
        ),
        migrations.AddField(
            "credential", "test_words", models.CharField(blank=True, default="", max_length=500)
        ),
        migrations.AddField(
            "downloadrequest",
            "generation",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="auditing.generation"
            ),
        ),
        migrations.AddField(
            "downloadrequest",
            "asked_by",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField("downloadrequest", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("downloadrequest", "answered_at", models.DateTimeField(null=True)),
        migrations.AddField("downloadrequest", "url", models.TextField(blank=True, default="")),
        migrations.AddField(
            "downloadrequest", "expires_at", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.AddField("downloadrequest", "http_status", models.SmallIntegerField(null=True)),
        migrations.AddField(
            "downloadrequest", "reason", models.CharField(blank=True, default="", max_length=500)
        ),
        migrations.RemoveIndex("downloadrequest", "download_request_account"),
        migrations.AddIndex(
            "downloadrequest", models.Index(fields=("account", "sent_at"), name="download_request_account")
        ),
        migrations.RunSQL(KEYS, NO_KEYS),
        wall(
            "auditing_chainhead",
            OF_A_KNOWN_ACCOUNT,
            adds=f"{OF_A_MANAGED_ACCOUNT} AND sequence = 0",
            worker=EVERYBODY,
        ),
        migrations.RunSQL(LINKS, NO_LINKS),
    ]
