"""Keys are sealed for workers, and tested; links are asked for by workers, for the person who wants one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auditing", "0003_personal_tokens")]
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
        migrations.AddField("downloadrequest", "answered_at", models.DateTimeField(null=True)),
        migrations.AddField("downloadrequest", "url", models.TextField(blank=True, default="")),
        migrations.AddField(
            "downloadrequest", "expires_at", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.AddField("downloadrequest", "http_status", models.SmallIntegerField(null=True)),
        migrations.AddField(
            "downloadrequest", "reason", models.CharField(blank=True, default="", max_length=500)
        ),
    ]
