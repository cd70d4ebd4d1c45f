
import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=32)),
                ('label', models.CharField(max_length=100, unique=True)),
                ('base_url', models.URLField(max_length=500)),
                ('per_minute', models.PositiveIntegerField(null=True)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('last_ok_at', models.DateTimeField(null=True)),
                ('last_run_at', models.DateTimeField(null=True)),
                ('blocked_until', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('probe_at', models.DateTimeField(null=True)),
                ('quarantined_at', models.DateTimeField(null=True)),
                ('notice', models.CharField(blank=True, default='', max_length=500)),
            ],
            options={
                'ordering': ('label',),
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=32)),
                ('external_id', models.CharField(max_length=255)),
                ('registered_at', models.DateTimeField(auto_now_add=True)),
                ('status', models.CharField(max_length=16, null=True)),
                ('provider_status', models.TextField(null=True)),
                ('title', models.TextField(null=True)),
                ('description', models.TextField(null=True)),
                ('mode', models.TextField(null=True)),
                ('resolution', models.TextField(null=True)),
                ('duration_milliseconds', models.BigIntegerField(null=True)),
                ('output_url', models.TextField(null=True)),
                ('output_key', models.TextField(null=True)),
                ('thumbnail_url', models.TextField(null=True)),
                ('credits_thousandths', models.BigIntegerField(null=True)),
                ('credits_basis', models.CharField(max_length=16, null=True)),
                ('message', models.TextField(null=True)),
                ('error', models.TextField(null=True)),
                ('created_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField(null=True)),
                ('processing_started_at', models.DateTimeField(null=True)),
                ('processing_completed_at', models.DateTimeField(null=True)),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list)),
                ('payload', models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ('slug',),
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'permissions': (('view_everything', "May see every team's records, read-only (site auditor)"),),
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='chain_head', serialize=False, to='auditing.account')),
                ('sequence', models.BigIntegerField(default=0)),
                ('hash', models.BinaryField(default=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='credential', serialize=False, to='auditing.account')),
                ('wrapped_data_key', models.BinaryField()),
                ('sealed_key', models.BinaryField()),
                ('last_four', models.CharField(max_length=4)),
                ('stored_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lease', serialize=False, to='auditing.account')),
                ('fence', models.BigIntegerField()),
                ('host', models.TextField()),
                ('process', models.TextField()),
                ('expires_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_accounts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Lookup',
            fields=[
                ('generation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='lookup', serialize=False, to='auditing.generation')),
                ('outcome', models.CharField(max_length=16, null=True)),
                ('http_status', models.SmallIntegerField(null=True)),
                ('reason', models.TextField(default='')),
                ('looked_up_at', models.DateTimeField(null=True)),
                ('synced_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('resting', models.TextField(default='')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('denied_by', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('final_seen_at', models.DateTimeField(null=True)),
                ('seen_digest', models.BinaryField(max_length=32, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='generation',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='auditing.account'),
        ),
        migrations.AddField(
            model_name='generation',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='generation',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='auditing.project'),
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger', models.CharField(choices=[('command', 'Command'), ('schedule', 'Schedule'), ('page', 'Page')], max_length=16)),
                ('state', models.CharField(choices=[('running', 'Running'), ('finished', 'Finished'), ('stopped', 'Stopped'), ('interrupted', 'Interrupted'), ('failed', 'Failed')], default='running', max_length=16)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('host', models.CharField(max_length=255)),
                ('process_id', models.PositiveIntegerField()),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Tagging',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tagged_at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taggings', to=settings.AUTH_USER_MODEL)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taggings', to='auditing.generation')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taggings', to='auditing.tag')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
        ),
        migrations.AddField(
            model_name='tag',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='auditing.team'),
        ),
        migrations.CreateModel(
            name='RunPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('requested', models.PositiveIntegerField(default=0)),
                ('ok', models.PositiveIntegerField(default=0)),
                ('denied', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('unauthorized', models.PositiveIntegerField(default=0)),
                ('rate_limited', models.PositiveIntegerField(default=0)),
                ('rejected', models.PositiveIntegerField(default=0)),
                ('unreachable', models.PositiveIntegerField(default=0)),
                ('malformed', models.PositiveIntegerField(default=0)),
                ('not_reached', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
                ('waited_milliseconds', models.BigIntegerField(default=0)),
                ('ended', models.CharField(blank=True, default='', max_length=500)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='run_parts', to='auditing.account')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='auditing.run')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
        ),
        migrations.AddField(
            model_name='project',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='projects', to='auditing.team'),
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.BigIntegerField()),
                ('observed_at', models.DateTimeField()),
                ('http_status', models.SmallIntegerField()),
                ('payload', models.JSONField(null=True)),
                ('payload_salt', models.BinaryField(max_length=16)),
                ('payload_digest', models.BinaryField(max_length=32)),
                ('previous_hash', models.BinaryField(max_length=32)),
                ('hash', models.BinaryField(max_length=32)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='auditing.account')),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='auditing.generation')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=10000)),
                ('written_at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to=settings.AUTH_USER_MODEL)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='auditing.generation')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
            options={
                'ordering': ('written_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('member', 'Member'), ('auditor', 'Auditor'), ('manager', 'Manager')], default='member', max_length=16)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='auditing.team')),
            ],
        ),
        migrations.AddField(
            model_name='generation',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='generations', to='auditing.team'),
        ),
        migrations.CreateModel(
            name='DownloadRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requested_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='download_requests', to='auditing.account')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team')),
            ],
        ),
        migrations.AddField(
            model_name='account',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='auditing.team'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='user_username_once_whatever_the_case'),
        ),
        migrations.AddField(
            model_name='lease',
            name='run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='leases', to='auditing.run'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lookups', to='auditing.account'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lookup',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auditing.team'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['id'], name='run_under_way'),
        ),
        migrations.AddConstraint(
            model_name='tagging',
            constraint=models.UniqueConstraint(fields=('generation', 'tag'), name='tag_once_a_generation'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('team', 'name'), name='tag_once_a_team'),
        ),
        migrations.AddIndex(
            model_name='runpart',
            index=models.Index(fields=['account', '-id'], name='run_part_account'),
        ),
        migrations.AddConstraint(
            model_name='runpart',
            constraint=models.UniqueConstraint(fields=('run', 'account'), name='run_part_once_an_account'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.UniqueConstraint(fields=('team', 'name'), name='project_once_a_team'),
        ),
        migrations.AddIndex(
            model_name='observation',
            index=models.Index(fields=['generation', 'observed_at', 'id'], name='observation_generation'),
        ),
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.UniqueConstraint(fields=('account', 'sequence'), name='observation_once_a_sequence'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('team', 'user'), name='membership_once_a_team_and_person'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['member', 'auditor', 'manager'])), name='membership_role_known'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), name='generation_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('team'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), name='generation_team_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.F('owner'), models.Case(models.When(created_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('created_at')), models.F('id'), name='generation_owner_created'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(updated_at__isnull=True, then=models.Value(datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), output_field=models.DateTimeField())), default=models.F('updated_at')), models.F('id'), name='generation_updated'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(models.Case(models.When(credits_thousandths__isnull=True, then=models.Value(-1, output_field=models.BigIntegerField())), default=models.F('credits_thousandths')), models.F('id'), name='generation_credits'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=models.Index(fields=['provider', 'external_id'], name='generation_external_id'),
        ),
        migrations.AddIndex(
            model_name='generation',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('external_id'), name='gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('description'), name='gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('error'), name='gin_trgm_ops'), name='generation_text'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.UniqueConstraint(fields=('team', 'provider', 'external_id'), name='generation_once_a_team'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('external_id', ''), _negated=True), name='generation_id_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'processing', 'completed', 'failed', 'unknown'])), name='generation_status_known'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('credits_basis__in', ['reported', 'documented'])), name='generation_credits_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credits_basis__isnull', True), ('credits_thousandths__isnull', True)), models.Q(('credits_basis__isnull', False), ('credits_thousandths__gte', 0)), _connector='OR'), name='generation_credits_with_basis'),
        ),
        migrations.AddConstraint(
            model_name='generation',
            constraint=models.CheckConstraint(condition=models.Q(('duration_milliseconds__gte', 0)), name='generation_duration_not_negative'),
        ),
        migrations.AddIndex(
            model_name='downloadrequest',
            index=models.Index(fields=['account', 'requested_at'], name='download_request_account'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('id', 'team'), name='account_and_its_team'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('per_minute__gt', 0)), name='account_pace_positive'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['account', 'due_at', 'generation'], name='lookup_due'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['account', 'generation'], name='lookup_account'),
        ),
        migrations.AddConstraint(
            model_name='lookup',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['ok', 'denied', 'missing', 'unauthorized', 'rate_limited', 'rejected', 'unreachable', 'malformed'])), name='lookup_outcome_known'),
        ),
    ]
