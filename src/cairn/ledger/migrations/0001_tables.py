"""The tables of this room; sums follow entries, and the lines of an issued invoice stand."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


SUMS = """
CREATE FUNCTION ledger_follow_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entitlement_id IS NOT NULL THEN
        UPDATE ledger_entitlement SET
            promised = promised + CASE WHEN NEW.movement = 'promise' THEN NEW.minutes ELSE 0 END,
            booked   = booked   + CASE WHEN NEW.movement = 'book'    THEN NEW.minutes ELSE 0 END,
            used     = used     + CASE WHEN NEW.movement = 'use'     THEN NEW.minutes ELSE 0 END,
            released = released + CASE WHEN NEW.movement = 'release' THEN NEW.minutes ELSE 0 END
        WHERE id = NEW.entitlement_id;
    ELSE
        UPDATE ledger_coachtime SET
            promised = promised + CASE WHEN NEW.movement = 'promise' THEN NEW.minutes ELSE 0 END,
            booked   = booked   + CASE WHEN NEW.movement = 'book'    THEN NEW.minutes ELSE 0 END,
            used     = used     + CASE WHEN NEW.movement = 'use'     THEN NEW.minutes ELSE 0 END,
            released = released + CASE WHEN NEW.movement = 'release' THEN NEW.minutes ELSE 0 END
        WHERE id = NEW.coach_time_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER follow_entry AFTER INSERT ON ledger_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION ledger_follow_entry();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION cairn_append_only();
"""

# Once an invoice is issued its lines are a document: they can neither change nor go.
LINES = """
CREATE FUNCTION ledger_lines_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint; stands text;
BEGIN
    IF TG_TABLE_NAME = 'ledger_invoiceline' THEN
        touched := CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
    ELSE
        SELECT invoice_id INTO touched FROM ledger_invoiceline
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.line_id ELSE OLD.line_id END;
    END IF;
    SELECT state INTO stands FROM ledger_invoice WHERE id = touched;
    IF stands IS NOT NULL AND stands <> 'drafted' THEN
        RAISE EXCEPTION 'the lines of an issued invoice stand' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER lines_stand BEFORE INSERT OR UPDATE OR DELETE ON ledger_invoiceline
    FOR EACH ROW EXECUTE FUNCTION ledger_lines_stand();
CREATE TRIGGER lines_stand BEFORE INSERT OR UPDATE OR DELETE ON ledger_invoicedentry
    FOR EACH ROW EXECUTE FUNCTION ledger_lines_stand();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('ledger', '0001_initial'),
        ('ledger', '0002_sums_follow_entries'),
        ('ledger', '0003_entries_say_what_for'),
        ('ledger', '0004_two_lines_for_two_rates'),
        ('ledger', '0005_time'),
    ]

    dependencies = [
        ('foundation', '0001_tables'),
        ('people', '__first__'),
        ('programmes', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoachTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('one_to_one', 'one-to-one'), ('group', 'group'), ('coach_meeting', 'coach meeting'), ('familiarisation', 'familiarisation'), ('topic', 'topic session'), ('drop_in', 'drop-in'), ('celebration', 'celebration')], max_length=16)),
                ('promised', models.IntegerField(default=0)),
                ('booked', models.IntegerField(default=0)),
                ('used', models.IntegerField(default=0)),
                ('released', models.IntegerField(default=0)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coach_time', to='programmes.coachengagement')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('engagement', 'kind'), name='one_coach_time_per_kind'), models.CheckConstraint(condition=models.Q(('booked__gte', 0), ('promised__gte', 0), ('released__gte', 0), ('used__gte', 0), ('promised__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('booked'), '+', models.F('used')), '+', models.F('released')))), name='coach_time_sums_hold')],
            },
        ),
        migrations.CreateModel(
            name='Entitlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('one_to_one', 'one-to-one'), ('group', 'group'), ('coach_meeting', 'coach meeting'), ('familiarisation', 'familiarisation'), ('topic', 'topic session'), ('drop_in', 'drop-in'), ('celebration', 'celebration')], max_length=16)),
                ('promised', models.IntegerField(default=0)),
                ('booked', models.IntegerField(default=0)),
                ('used', models.IntegerField(default=0)),
                ('released', models.IntegerField(default=0)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entitlements', to='programmes.enrolment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('enrolment', 'kind'), name='one_entitlement_per_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ['one_to_one', 'group'])), name='entitlement_kinds'), models.CheckConstraint(condition=models.Q(('booked__gte', 0), ('promised__gte', 0), ('released__gte', 0), ('used__gte', 0), ('promised__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('booked'), '+', models.F('used')), '+', models.F('released')))), name='entitlement_sums_hold')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.PositiveSmallIntegerField()),
                ('quarter_starts_on', models.DateField()),
                ('quarter_ends_on', models.DateField()),
                ('number', models.CharField(blank=True, max_length=40)),
                ('currency', models.CharField(max_length=3)),
                ('tax_basis_points', models.PositiveIntegerField(null=True)),
                ('net_minor', models.BigIntegerField(default=0)),
                ('tax_minor', models.BigIntegerField(default=0)),
                ('gross_minor', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('drafted', 'drafted'), ('issued', 'issued'), ('queried', 'queried'), ('approved', 'approved'), ('settled', 'settled')], default='drafted', max_length=10)),
                ('query', models.CharField(blank=True, help_text='what the coordinator asks', max_length=500)),
                ('reply', models.CharField(blank=True, help_text='what the coach answers', max_length=500)),
                ('drafted_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('coach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='programmes.coachengagement')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'drafted')), fields=('engagement', 'quarter'), name='one_draft_per_quarter'), models.UniqueConstraint(condition=models.Q(('number', ''), _negated=True), fields=('coach', 'number'), name='one_invoice_per_coach_and_number'), models.CheckConstraint(condition=models.Q(('state', 'drafted'), models.Q(('number', ''), _negated=True), _connector='OR'), name='issued_invoice_has_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'queried'), _negated=True), models.Q(('query', ''), _negated=True), _connector='OR'), name='queried_invoice_says_what'), models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')))), name='invoice_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('one_to_one', 'one-to-one'), ('group', 'group'), ('coach_meeting', 'coach meeting'), ('familiarisation', 'familiarisation'), ('topic', 'topic session'), ('drop_in', 'drop-in'), ('celebration', 'celebration')], max_length=16)),
                ('source_kind', models.CharField(max_length=30)),
                ('source_id', models.BigIntegerField()),
                ('on', models.DateField()),
                ('description', models.CharField(max_length=200)),
                ('minutes', models.IntegerField()),
                ('minor_per_hour', models.PositiveBigIntegerField()),
                ('amount_minor', models.BigIntegerField()),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.invoice')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('invoice', 'position'), name='one_line_per_position'), models.UniqueConstraint(fields=('invoice', 'source_kind', 'source_id', 'on'), name='one_line_per_source_here')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('movement', models.CharField(choices=[('promise', 'promised'), ('book', 'booked'), ('use', 'used'), ('release', 'released')], max_length=8)),
                ('minutes', models.IntegerField()),
                ('on', models.DateField()),
                ('source_kind', models.CharField(max_length=30)),
                ('source_id', models.BigIntegerField()),
                ('revision', models.PositiveIntegerField(help_text='counts the entries of one source in one account, from 1')),
                ('description', models.CharField(blank=True, help_text='as an invoice line names the source', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('coach_time', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.coachtime')),
                ('entitlement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='ledger.entitlement')),
            ],
            options={
                'indexes': [models.Index(fields=['source_kind', 'source_id'], name='ledger_ledg_source__a11694_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('coach_time', None), ('entitlement__isnull', False)), models.Q(('coach_time__isnull', False), ('entitlement', None)), _connector='OR'), name='entry_is_in_one_book'), models.CheckConstraint(condition=models.Q(('minutes', 0), _negated=True), name='entry_moves_something'), models.UniqueConstraint(condition=models.Q(('entitlement__isnull', False)), fields=('entitlement', 'source_kind', 'source_id', 'revision'), name='entitlement_entry_once'), models.UniqueConstraint(condition=models.Q(('coach_time__isnull', False)), fields=('coach_time', 'source_kind', 'source_id', 'revision'), name='coach_time_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='InvoicedEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invoiced', to='ledger.invoiceline')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='invoiced', to='ledger.ledgerentry')),
            ],
        ),
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField()),
                ('minor_per_hour', models.PositiveBigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('tax_basis_points', models.PositiveIntegerField(blank=True, null=True)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rates', to='programmes.coachengagement')),
            ],
            options={
                'ordering': ['from_on'],
                'constraints': [models.UniqueConstraint(fields=('engagement', 'from_on'), name='one_rate_per_day')],
            },
        ),
        migrations.RunSQL(
            SUMS,
            "DROP TRIGGER follow_entry ON ledger_ledgerentry; DROP TRIGGER append_only ON ledger_ledgerentry; "
            "DROP FUNCTION ledger_follow_entry();",
        ),
        migrations.RunSQL(
            LINES,
            "DROP TRIGGER lines_stand ON ledger_invoiceline; DROP TRIGGER lines_stand ON ledger_invoicedentry; "
            "DROP FUNCTION ledger_lines_stand();",
        ),
    ]
