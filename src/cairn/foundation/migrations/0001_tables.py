"""The tables of this room, the database's own extensions, the audit that only grows, and the cache all processes share."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models


APPEND_ONLY = """
CREATE FUNCTION cairn_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a correction is a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON foundation_auditentry
    FOR EACH ROW EXECUTE FUNCTION cairn_append_only();
"""

# The cache that all processes share: rate limits of sign-in live in it. Django's own shape for DatabaseCache.
CACHE = """
CREATE TABLE cairn_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX cairn_cache_expires ON cairn_cache (expires);
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('foundation', '0001_initial'),
        ('foundation', '0002_append_only'),
        ('foundation', '0003_mail_without_a_person'),
        ('foundation', '0004_time'),
        ('foundation', '0005_mails_expire'),
        ('foundation', '0006_delivery_problem'),
    ]

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.CreateModel(
            name='Secret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='what it belongs to, as kind:id', max_length=120, unique=True)),
                ('sealed', models.BinaryField()),
                ('master', models.CharField(help_text='fingerprint of the master key that sealed it', max_length=16)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('by_id', models.BigIntegerField(help_text='a person; no foreign key points up', null=True)),
                ('organisation_id', models.BigIntegerField(null=True)),
                ('action', models.CharField(max_length=60)),
                ('subject_kind', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('facts', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id'], name='foundation__subject_d15900_idx')],
            },
        ),
        migrations.CreateModel(
            name='MailMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text="One event, one mail: the event's own name.", max_length=200, unique=True)),
                ('to_id', models.BigIntegerField(db_index=True, help_text='a person; no foreign key points up', null=True)),
                ('address', models.EmailField(max_length=254)),
                ('organisation_id', models.BigIntegerField(db_index=True, null=True)),
                ('subject', models.CharField(max_length=300)),
                ('body', models.TextField(help_text='emptied once the mail was sent')),
                ('calendar', models.TextField(blank=True, db_default='', default='', help_text='an iTIP message (RFC 5546) beside the words; emptied too')),
                ('unsubscribe', models.CharField(blank=True, db_default='', default='', help_text='where one click ends mails of this kind', max_length=300)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('sent', 'sent'), ('failed', 'failed')], default='queued', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('queued_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(help_text='from when on it is of no use to anybody', null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation_id', 'state'], name='foundation__organis_f90e90_idx')],
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation_id', models.BigIntegerField(db_index=True)),
                ('address', models.URLField(max_length=500)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('made_by_id', models.BigIntegerField(help_text='a person; no foreign key points up')),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('events', []), _negated=True), name='webhook_hears_something')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(max_length=40)),
                ('key', models.CharField(help_text="the event's own name: one event, one delivery", max_length=120)),
                ('payload', models.JSONField()),
                ('state', models.CharField(choices=[('queued', 'queued'), ('delivered', 'delivered'), ('failed', 'failed')], default='queued', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('status', models.PositiveSmallIntegerField(help_text='what the address last answered', null=True)),
                ('problem', models.CharField(default='', help_text='why nothing came back: a key of webhooks.PROBLEMS', max_length=20)),
                ('queued_at', models.DateTimeField()),
                ('delivered_at', models.DateTimeField(null=True)),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='foundation.webhook')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('webhook', 'key'), name='one_delivery_per_event')],
            },
        ),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER append_only ON foundation_auditentry; DROP FUNCTION cairn_append_only();",
        ),
        migrations.RunSQL(CACHE, "DROP TABLE cairn_cache;"),
    ]
