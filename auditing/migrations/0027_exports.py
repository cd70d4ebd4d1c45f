"""What files people made, their manifests, and for a while the files that workers made."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from auditing.migrations._walls import PERSON, said, wall

# An export is its person's alone; the web notes when one is asked for, and the end of what it sends.
OWN_EXPORT = f"person_id = {PERSON}"
ENDS = (
    "as_of", "ended_at", "rows", "credits_thousandths", "credits_known", "credits_documented", "sha256", "size",
)
# A file is given out to who had it made, until it expires, while they see all that they saw when it was made.
FETCHED = f"""EXISTS (
    SELECT FROM auditing_exportfile AS file
    WHERE file.export_id = file_id AND file.person_id = {PERSON} AND file.expires_at > statement_timestamp()
        AND (
            (SELECT current_setting('clipledger.everything', true) = 'true')
            OR (
                NOT file.everything AND file.whole_teams <@ {said('whole_teams', 'bigint[]')}
                AND file.own_teams <@ {said('teams', 'bigint[]')}
            )
        )
)"""
# The pieces are of an archive: trying to compress them anew would cost much and save nothing.
AS_IT_IS = "ALTER TABLE auditing_exportpiece ALTER COLUMN content SET STORAGE EXTERNAL;"


class Migration(migrations.Migration):

    dependencies = [
        ('auditing', '0016_filters'),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=16)),
                ('format', models.CharField(max_length=8)),
                ('name', models.CharField(max_length=100)),
                ('query', models.TextField(blank=True)),
                ('words', models.TextField(blank=True)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64))),
                ('time_zone', models.CharField(max_length=64)),
                ('token', models.CharField(default='', max_length=64)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('as_of', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('rows', models.BigIntegerField(null=True)),
                ('credits_thousandths', models.BigIntegerField(null=True)),
                ('credits_known', models.BigIntegerField(null=True)),
                ('credits_documented', models.BigIntegerField(null=True)),
                ('sha256', models.CharField(default='', max_length=64)),
                ('size', models.BigIntegerField(null=True)),
                ('fault', models.CharField(default='', max_length=300)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exports', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ExportFile',
            fields=[
                ('export', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='file', serialize=False, to='auditing.export')),
                ('rows_done', models.BigIntegerField(default=0)),
                ('rows_about', models.BigIntegerField(null=True)),
                ('everything', models.BooleanField(default=False)),
                ('whole_teams', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('own_teams', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('expires_at', models.DateTimeField(null=True)),
                ('size', models.BigIntegerField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ExportPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='auditing.exportfile')),
            ],
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['person', 'id'], name='export_person'),
        ),
        migrations.AddConstraint(
            model_name='exportpiece',
            constraint=models.UniqueConstraint(fields=('file', 'number'), name='export_piece_once'),
        ),
        migrations.AddIndex(
            model_name='exportfile',
            index=models.Index(fields=['expires_at'], name='export_file_expires'),
        ),
        wall("auditing_export", OWN_EXPORT, adds=OWN_EXPORT, changes=OWN_EXPORT, columns=ENDS),
        wall("auditing_exportfile", OWN_EXPORT, adds=OWN_EXPORT),
        wall("auditing_exportpiece", FETCHED),
        migrations.RunSQL(AS_IT_IS, migrations.RunSQL.noop),
    ]
