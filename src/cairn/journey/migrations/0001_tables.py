"""The tables of this room; who read what stays until its author erases everything."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


READINGS_STAY = """
CREATE FUNCTION cairn_readings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('cairn.erasing', true) = OLD.person_id::text THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: only an author who erases everything takes them away', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER readings_stay BEFORE UPDATE OR DELETE ON journey_reading
    FOR EACH ROW EXECUTE FUNCTION cairn_readings_stay();
"""


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('journey', '0001_initial'),
        ('journey', '0002_own_journey'),
        ('journey', '0003_journal_import'),
        ('journey', '0004_picks_of_each_coach'),
        ('journey', '0005_readings_stay'),
    ]

    dependencies = [
        ('foundation', '0001_tables'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('erased_at', models.DateTimeField()),
                ('counts', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Goal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('sealed', models.BinaryField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('weight', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('open', 'open'), ('reached', 'reached'), ('let_go', 'let go')], default='open', max_length=10)),
                ('made_at', models.DateTimeField()),
                ('target_on', models.DateField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('weight__gte', 1), ('weight__lte', 10)), name='goal_weight_from_1_to_10'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='open_goal_is_not_closed')],
            },
        ),
        migrations.CreateModel(
            name='ActionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('sealed', models.BinaryField()),
                ('due_on', models.DateField(null=True)),
                ('remind', models.BooleanField(default=False)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('session_id', models.BigIntegerField(help_text='a coaching session; no foreign key points up', null=True)),
                ('agreed_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('goal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journey.goal')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'done_at', 'due_on'], name='journey_act_person__52e466_idx')],
            },
        ),
        migrations.CreateModel(
            name='GoalReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('level', models.SmallIntegerField()),
                ('sealed', models.BinaryField(null=True)),
                ('session_id', models.BigIntegerField(help_text='a coaching session; no foreign key points up', null=True)),
                ('at', models.DateTimeField()),
                ('goal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journey.goal')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('level__gte', -2), ('level__lte', 2)), name='review_level_from_minus_2_to_2')],
            },
        ),
        migrations.CreateModel(
            name='JournalEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('sealed', models.BinaryField()),
                ('sealed_head', models.BinaryField(null=True)),
                ('written_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField(null=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-written_at'], name='journey_jou_person__3cb8e1_idx')],
            },
        ),
        migrations.CreateModel(
            name='JournalImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('sealed', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person',), name='one_pending_import_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Pick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('question', 'question'), ('exercise', 'exercise')], max_length=10)),
                ('key', models.CharField(max_length=60)),
                ('picked_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('coach', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(help_text='for whom', on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('person', 'coach', 'kind', 'key'), name='one_open_pick_per_item_and_coach'), models.CheckConstraint(condition=models.Q(('coach', models.F('person')), _negated=True), name='pick_is_for_another')],
            },
        ),
        migrations.CreateModel(
            name='Portrait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('sealed', models.BinaryField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person',), name='one_portrait_per_person')],
            },
        ),
        migrations.CreateModel(
            name='Preparation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('session_id', models.BigIntegerField(help_text='a coaching session; no foreign key points up')),
                ('sealed', models.BinaryField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'session_id'), name='one_preparation_per_session')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('entry', 'journal entry'), ('answer', 'answer'), ('exercise', 'exercise'), ('portrait', 'portrait'), ('goal', 'goal'), ('preparation', 'session preparation')], max_length=12)),
                ('item_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(help_text='the author', on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-at'], name='journey_rea_person__52d82b_idx'), models.Index(fields=['person', 'kind', 'item_id', '-at'], name='journey_rea_person__b9662b_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reader', models.F('person')), _negated=True), name='reading_is_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Rhythm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pace', models.CharField(choices=[('never', 'not at all'), ('weekly', 'every week'), ('fortnightly', 'every two weeks'), ('monthly', 'every month')], default='never', max_length=12)),
                ('next_nudge_on', models.DateField(null=True)),
                ('remind_steps', models.BooleanField(default=False)),
                ('remind_look_backs', models.BooleanField(default=False)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SealingKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wrapped', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('master', models.CharField(blank=True, help_text='fingerprint of the master key that wraps it', max_length=16)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('entry', 'journal entry'), ('answer', 'answer'), ('exercise', 'exercise'), ('portrait', 'portrait'), ('goal', 'goal'), ('preparation', 'session preparation')], max_length=12)),
                ('item_id', models.BigIntegerField(null=True)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['reader', 'person', 'kind'], name='journey_sha_reader__fc8bca_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('person', 'reader', 'kind', 'item_id'), name='one_open_share_per_item_and_reader', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='share_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('reader', models.F('person')), _negated=True), name='share_is_with_another')],
            },
        ),
        migrations.CreateModel(
            name='Walk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('path', models.CharField(max_length=60)),
                ('path_version', models.PositiveIntegerField()),
                ('begun_at', models.DateTimeField()),
                ('sealed_intake', models.BinaryField(null=True)),
                ('sealed_homework', models.BinaryField(help_text='JSON: what was found out, by stage', null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'path'), name='one_walk_per_path')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('question', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('draft', 'begun'), ('answered', 'answered'), ('parked', 'parked'), ('skipped', 'skipped')], default='draft', max_length=10)),
                ('sealed', models.BinaryField(null=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('look_back_on', models.DateField(null=True)),
                ('looked_back_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('walk', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journey.walk')),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'look_back_on'], name='journey_ans_person__12ba11_idx')],
                'constraints': [models.UniqueConstraint(fields=('walk', 'question'), name='one_answer_per_question'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), models.Q(('answered_at__isnull', False), ('sealed__isnull', False)), _connector='OR'), name='answered_has_text_and_moment')],
            },
        ),
        migrations.CreateModel(
            name='AnswerVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('number', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('written_at', models.DateTimeField()),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journey.answer')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('answer', 'number'), name='one_version_per_number')],
            },
        ),
        migrations.CreateModel(
            name='CoachNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('is_shared', models.BooleanField(default=False)),
                ('sealed', models.BinaryField()),
                ('session_id', models.BigIntegerField(help_text='a coaching session; no foreign key points up', null=True)),
                ('written_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('about', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['about', 'person', '-written_at'], name='journey_coa_about_i_1a263e_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('about', models.F('person')), _negated=True), name='note_is_about_another')],
            },
        ),
        migrations.CreateModel(
            name='Companion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('coach', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted_at', None), ('coach', None)), models.Q(('accepted_at__isnull', False), ('coach__isnull', False)), _connector='OR'), name='companion_accepted_by_somebody'), models.CheckConstraint(condition=models.Q(('coach', None), models.Q(('coach', models.F('person')), _negated=True), _connector='OR'), name='companion_is_another'), models.UniqueConstraint(condition=models.Q(('coach__isnull', False), ('ended_at', None)), fields=('person', 'coach'), name='one_open_companion_per_coach')],
            },
        ),
        migrations.CreateModel(
            name='ExerciseRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.UUIDField(default=uuid.uuid4, editable=False, help_text='bound into the seal', unique=True)),
                ('exercise', models.CharField(max_length=60)),
                ('exercise_version', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('begun', 'begun'), ('finished', 'finished'), ('skipped', 'skipped')], default='begun', max_length=10)),
                ('sealed', models.BinaryField(null=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('begun_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'exercise', '-begun_at'], name='journey_exe_person__77b3ff_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'finished'), _negated=True), ('finished_at__isnull', False), _connector='OR'), name='finished_run_has_moment')],
            },
        ),
        migrations.RunSQL(
            READINGS_STAY, "DROP TRIGGER readings_stay ON journey_reading; DROP FUNCTION cairn_readings_stay();"
        ),
    ]
