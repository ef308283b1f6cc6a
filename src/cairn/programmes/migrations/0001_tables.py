"""The tables of this room."""

import cairn.people.models
import cairn.programmes.models.groups
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('programmes', '0001_initial'),
        ('programmes', '0002_proposals_in_work'),
        ('programmes', '0003_no_buy_out_share'),
        ('programmes', '0004_requests_about_groups'),
        ('programmes', '0005_what_is_arranged'),
    ]

    dependencies = [
        ('foundation', '0001_tables'),
        ('people', '0001_tables'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnMemory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('header', models.CharField(max_length=200)),
                ('field', models.CharField(max_length=40)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'header'), name='one_memory_per_header')],
            },
        ),
        migrations.CreateModel(
            name='PartnerInstitution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('short_name', models.CharField(blank=True, max_length=40)),
                ('is_host', models.BooleanField(default=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='institutions', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'name'), name='one_institution_per_name'), models.UniqueConstraint(condition=models.Q(('is_host', True)), fields=('organisation',), name='one_host_institution')],
            },
        ),
        migrations.CreateModel(
            name='Programme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('mode', models.PositiveSmallIntegerField(choices=[(1, 'Self-directed'), (2, 'Coordinated'), (3, 'Facilitated cohort')], default=3)),
                ('scope', models.CharField(choices=[('coaching', 'Coaching only'), ('coaching_and_mentoring', 'Coaching and mentoring')], default='coaching', max_length=30)),
                ('wellbeing_contacts', models.TextField(blank=True)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programmes', to='people.organisation')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('live_at', None), models.Q(('wellbeing_contacts', ''), _negated=True), _connector='OR'), name='live_programme_names_wellbeing_contacts'), models.UniqueConstraint(fields=('organisation', 'name'), name='one_programme_per_name')],
            },
        ),
        migrations.CreateModel(
            name='Cohort',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('time_zone', models.CharField(default='Europe/London', max_length=60, validators=[cairn.people.models.check_time_zone])),
                ('expected_people', models.PositiveIntegerField(default=50)),
                ('expected_coaches', models.PositiveIntegerField(default=5)),
                ('expected_new_coaches', models.PositiveIntegerField(default=5)),
                ('expected_groups', models.PositiveIntegerField(blank=True, null=True)),
                ('expected_rate_minor', models.PositiveBigIntegerField(blank=True, help_text='minor units per hour', null=True)),
                ('currency', models.CharField(default='GBP', max_length=3)),
                ('one_to_one_minutes', models.PositiveIntegerField(default=210)),
                ('group_minutes', models.PositiveIntegerField(default=900)),
                ('one_to_one_session_minutes', models.PositiveIntegerField(default=60)),
                ('group_session_minutes', models.PositiveIntegerField(default=90)),
                ('meeting_minutes', models.PositiveIntegerField(default=90)),
                ('familiarisation_minutes', models.PositiveIntegerField(default=240)),
                ('group_cap', models.PositiveIntegerField(default=11)),
                ('group_minimum', models.PositiveIntegerField(default=4)),
                ('mixes_groups', models.BooleanField(default=True)),
                ('group_mode', models.CharField(choices=[('mixed', 'mixed'), ('alike', 'of like people'), ('self_chosen', 'chosen by the people themselves')], default='mixed', max_length=12)),
                ('avoids_meeting_again', models.BooleanField(default=False, help_text='people who shared a group before')),
                ('coaching_styles', models.JSONField(default=list, help_text='the styles people may prefer; empty: nobody is asked')),
                ('one_to_one_for_group_percent', models.PositiveSmallIntegerField(default=100, help_text='of the group minutes that somebody takes one-to-one instead')),
                ('choosing', models.CharField(choices=[('rank', 'rank the times; seats are given when choosing closes'), ('pick', 'take a seat at once, while there is one')], default='rank', max_length=8)),
                ('choices_open_at', models.DateTimeField(blank=True, null=True)),
                ('choices_close_at', models.DateTimeField(blank=True, null=True)),
                ('seats_held_back', models.PositiveSmallIntegerField(default=0, help_text='in each group, for who comes late')),
                ('early_sessions', models.PositiveSmallIntegerField(default=4)),
                ('early_weeks', models.PositiveSmallIntegerField(default=2)),
                ('later_weeks', models.PositiveSmallIntegerField(default=4)),
                ('agreement_text', models.TextField(blank=True)),
                ('agreement_version', models.PositiveIntegerField(default=1)),
                ('coaching_is_compulsory', models.BooleanField(default=True)),
                ('late_cancelled_uses_minutes', models.BooleanField(default=True)),
                ('missed_uses_minutes', models.BooleanField(default=True)),
                ('apologies_hours', models.PositiveSmallIntegerField(default=24)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('programme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='programmes.programme')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='cohort_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('group_minimum__lte', models.F('group_cap'))), name='group_minimum_below_cap'), models.CheckConstraint(condition=models.Q(('group_cap__gte', 2), ('group_session_minutes__gte', 5), ('one_to_one_session_minutes__gte', 5)), name='cohort_lengths_are_positive'), models.CheckConstraint(condition=models.Q(('choices_close_at', None), ('choices_close_at__gt', models.F('choices_open_at')), _connector='OR'), name='choices_close_after_they_open'), models.CheckConstraint(condition=models.Q(('one_to_one_for_group_percent__lte', 100)), name='no_more_one_to_one_than_group'), models.CheckConstraint(condition=models.Q(('seats_held_back__lt', models.F('group_cap'))), name='held_back_seats_leave_some'), models.UniqueConstraint(fields=('programme', 'name'), name='one_cohort_per_name')],
            },
        ),
        migrations.CreateModel(
            name='CoachEngagement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_internal', models.BooleanField(default=False)),
                ('needs_familiarisation', models.BooleanField(default=True)),
                ('styles', models.JSONField(default=list, help_text="of the cohort's coaching styles, those this coach works in")),
                ('state', models.CharField(choices=[('offered', 'offered'), ('accepted', 'accepted'), ('declined', 'declined'), ('ended', 'ended')], default='offered', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='programmes.cohort')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('cohort', 'person'), name='one_engagement_per_coach_and_cohort'), models.CheckConstraint(condition=models.Q(('state', 'offered'), ('answered_at__isnull', False), _connector='OR'), name='answered_engagement_says_when')],
            },
        ),
        migrations.CreateModel(
            name='CoachingGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='programmes.coachengagement')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='programmes.cohort')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('cohort', 'number'), name='one_group_per_number')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discipline', models.CharField(blank=True, max_length=120)),
                ('department', models.CharField(blank=True, max_length=160)),
                ('line_manager', models.CharField(blank=True, help_text='name or address', max_length=254)),
                ('styles', models.JSONField(default=list, help_text="of the cohort's coaching styles, those this person would like")),
                ('contract_ends_on', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('active', 'active'), ('own_time', 'in own time'), ('left', 'left')], default='active', max_length=10)),
                ('enrolled_at', models.DateTimeField()),
                ('own_time_since', models.DateField(blank=True, null=True)),
                ('left_on', models.DateField(blank=True, null=True)),
                ('buy_out_ends_on', models.DateField(blank=True, null=True)),
                ('opts_out_of_groups', models.BooleanField(default=False, help_text="An adjustment's effect: group minutes are taken one-to-one. The reason is not kept.")),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to='programmes.cohort')),
                ('engagement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='coachees', to='programmes.coachengagement')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrolments', to=settings.AUTH_USER_MODEL)),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.partnerinstitution')),
            ],
            options={
                'indexes': [models.Index(fields=['engagement', 'state'], name='programmes__engagem_c6380a_idx')],
                'constraints': [models.UniqueConstraint(fields=('cohort', 'person'), name='one_enrolment_per_person_and_cohort'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'left'), _negated=True), ('left_on__isnull', False), _connector='OR'), name='left_enrolment_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'own_time'), _negated=True), ('own_time_since__isnull', False), _connector='OR'), name='own_time_says_since_when')],
            },
        ),
        migrations.CreateModel(
            name='ConflictOfInterest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('department', models.CharField(blank=True, max_length=160)),
                ('declared_at', models.DateTimeField()),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='programmes.coachengagement')),
                ('enrolment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('department', ''), ('enrolment__isnull', False)), models.Q(('enrolment', None), models.Q(('department', ''), _negated=True)), _connector='OR'), name='conflict_names_person_or_department')],
            },
        ),
        migrations.CreateModel(
            name='AgreementAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='programmes.enrolment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('enrolment', 'version'), name='one_acceptance_per_version')],
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('need', models.CharField(choices=[('one_to_one', 'one-to-one coaching instead of a group'), ('smaller_group', 'a smaller group'), ('camera_off', 'the camera off'), ('written', 'a written summary of each session'), ('other', 'something else')], max_length=16)),
                ('other', models.CharField(blank=True, help_text="what is needed, in the person's words", max_length=200)),
                ('most_people', models.PositiveSmallIntegerField(blank=True, help_text='for a smaller group', null=True)),
                ('arrangement', models.CharField(blank=True, help_text='what the coach is told', max_length=200)),
                ('group_told', models.CharField(blank=True, help_text='what the whole group is told, naming nobody', max_length=200)),
                ('due_after', models.BooleanField(default=False, help_text='the coach is reminded of it after each session')),
                ('instead', models.CharField(blank=True, help_text='what is possible instead, where it is declined', max_length=200)),
                ('group_percent', models.PositiveSmallIntegerField(blank=True, help_text="the cohort's share of group minutes one-to-one when this was agreed", null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('agreed', 'agreed'), ('declined', 'not possible'), ('withdrawn', 'withdrawn'), ('ended', 'ended')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='programmes.enrolment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'agreed']), models.Q(('need', 'other'), _negated=True)), fields=('enrolment', 'need'), name='one_adjustment_per_need'), models.CheckConstraint(condition=models.Q(models.Q(('need', 'other'), _negated=True), models.Q(('other', ''), _negated=True), _connector='OR'), name='other_need_is_said'), models.CheckConstraint(condition=models.Q(models.Q(('most_people__gte', 2), ('need', 'smaller_group')), models.Q(models.Q(('need', 'smaller_group'), _negated=True), ('most_people', None)), _connector='OR'), name='smaller_group_says_how_small'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'withdrawn']), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='answered_adjustment_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_at__isnull', False), _connector='OR'), name='ended_adjustment_says_when')],
            },
        ),
        migrations.CreateModel(
            name='GroupingProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('working', 'being worked out'), ('proposed', 'proposed'), ('adopted', 'adopted'), ('superseded', 'superseded'), ('failed', 'could not be worked out')], default='proposed', max_length=12)),
                ('assignment', models.JSONField(help_text='enrolment id → engagement id and group number')),
                ('previous', models.JSONField(default=list, help_text='what each move replaced, newest last, for undo')),
                ('pins', models.JSONField(default=dict, help_text='enrolment id → group number')),
                ('answer', models.JSONField(help_text='score, bound, proof, reasons, as the engine gave them; protected values never')),
                ('progress', models.JSONField(default=dict, help_text='while it is worked out: what is done, score, bound')),
                ('stop_asked_at', models.DateTimeField(null=True)),
                ('seed', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('proposed_at', models.DateTimeField()),
                ('adopted_at', models.DateTimeField(null=True)),
                ('adopted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='programmes.cohort')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'working')), fields=('cohort',), name='one_proposal_in_work'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('cohort',), name='one_open_proposal'), models.UniqueConstraint(condition=models.Q(('state', 'adopted')), fields=('cohort',), name='one_adopted_proposal'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'adopted'), _negated=True), ('adopted_by__isnull', False), _connector='OR'), name='adopted_by_a_person')],
            },
        ),
        migrations.CreateModel(
            name='GroupPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField()),
                ('to_on', models.DateField(blank=True, help_text='the first day on which it no longer holds', null=True)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='programmes.enrolment')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='programmes.coachinggroup')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('to_on', None), ('to_on__gte', models.F('from_on')), _connector='OR'), name='place_ends_after_it_begins'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('enrolment', '='), (cairn.programmes.models.groups.DateRange('from_on', 'to_on', django.contrib.postgres.fields.ranges.RangeBoundary()), '&&')], name='one_group_place_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='GroupSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(help_text='1 is Monday, 7 Sunday')),
                ('starts', models.TimeField(help_text="on the wall, in the cohort's zone")),
                ('where', models.CharField(blank=True, max_length=500)),
                ('published_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='programmes.cohort')),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='programmes.coachengagement')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='programmes.coachinggroup')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('engagement', 'weekday', 'starts'), name='one_slot_per_coach_and_time'), models.CheckConstraint(condition=models.Q(('weekday__gte', 1), ('weekday__lte', 7)), name='slot_is_on_a_weekday')],
            },
        ),
        migrations.CreateModel(
            name='MixingAttribute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('label', models.CharField(max_length=80)),
                ('weight', models.PositiveSmallIntegerField(default=1)),
                ('is_protected', models.BooleanField(default=False)),
                ('of', models.JSONField(default=list, help_text='keys of attributes of which this is the intersection')),
                ('avoids_isolation', models.BooleanField(default=False, help_text='nobody should be the only one in a group')),
                ('seats_alike', models.BooleanField(default=False, help_text='in groups of like people: seat these together')),
                ('choices', models.JSONField(default=list, help_text='the answers offered, for a protected attribute')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mixing_attributes', to='programmes.cohort')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('cohort', 'key'), name='one_attribute_per_key')],
            },
        ),
        migrations.CreateModel(
            name='MixingAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(blank=True, help_text='empty: prefers not to say', max_length=80)),
                ('consented', models.BooleanField(default=False)),
                ('answered_at', models.DateTimeField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
                ('attribute', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.mixingattribute')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('enrolment', 'attribute'), name='one_mixing_answer_per_attribute'), models.CheckConstraint(condition=models.Q(('value', ''), ('consented', True), _connector='OR'), name='mixing_value_needs_consent')],
            },
        ),
        migrations.CreateModel(
            name='MoveRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wish', models.CharField(choices=[('another', 'another group'), ('coach', 'another coach'), ('this_group', 'a group that is named')], default='another', max_length=12)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('declined', 'cannot be met'), ('withdrawn', 'withdrawn'), ('undone', 'undone')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('from_on', models.DateField(help_text='the first day in the new group', null=True)),
                ('moves', models.JSONField(default=list, help_text='who changed seat and coach, from what to what; for undo')),
                ('points', models.JSONField(default=dict, help_text='score before and after, as shown when it was approved')),
                ('rule_against', models.CharField(blank=True, help_text='which rule stood against it; never whose', max_length=20)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='move_requests', to='programmes.enrolment')),
                ('to_group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.coachinggroup')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'asked_at'], name='programmes__state_15ec1c_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('enrolment',), name='one_waiting_move_request'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'withdrawn']), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='answered_move_request_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('to_group__isnull', False), ('wish', 'this_group')), models.Q(models.Q(('wish', 'this_group'), _negated=True), ('to_group', None)), _connector='OR'), name='move_to_a_group_names_it'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('from_on__isnull', False), _connector='OR'), name='approved_move_says_from_when')],
            },
        ),
        migrations.CreateModel(
            name='NewPosition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('wish', models.CharField(choices=[('own_time', 'stays on in own time'), ('leaves', 'leaves the cohort'), ('unknown', 'not yet known')], default='unknown', max_length=10)),
                ('outcome', models.CharField(blank=True, choices=[('own_time', 'stays on in own time'), ('leaves', 'leaves the cohort'), ('unknown', 'not yet known')], max_length=10)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('recorded', 'recorded'), ('declined', 'not the case')], default='waiting', max_length=10)),
                ('said_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(null=True)),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='new_positions', to='programmes.enrolment')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('said_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('enrolment',), name='one_waiting_new_position')],
            },
        ),
        migrations.CreateModel(
            name='PairRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('apart', 'apart'), ('together', 'together')], max_length=10)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pair_rules', to='programmes.cohort')),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='one_rule_per_pair'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='pair_is_in_order')],
            },
        ),
        migrations.CreateModel(
            name='ParticipantImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('sheets', models.JSONField(help_text='the rows as read; emptied when applied or discarded')),
                ('sheet', models.CharField(blank=True, max_length=100)),
                ('mapping', models.JSONField(default=dict, help_text='column index → field')),
                ('state', models.CharField(choices=[('previewed', 'previewed'), ('applied', 'applied'), ('discarded', 'discarded')], default='previewed', max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('applied_at', models.DateTimeField(null=True)),
                ('outcome', models.JSONField(default=dict)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='programmes.cohort')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SlotChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('can_come', models.BooleanField(default=True)),
                ('rank', models.PositiveSmallIntegerField(blank=True, help_text='1 is most wished', null=True)),
                ('state', models.CharField(choices=[('said', 'said'), ('seated', 'has a seat'), ('waiting', 'on the waiting list')], default='said', max_length=10)),
                ('said_at', models.DateTimeField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slot_choices', to='programmes.enrolment')),
                ('slot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='programmes.groupslot')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('slot', 'enrolment'), name='one_choice_per_slot'), models.UniqueConstraint(fields=('enrolment', 'rank'), name='one_slot_per_rank'), models.UniqueConstraint(condition=models.Q(('state', 'seated')), fields=('enrolment',), name='one_chosen_seat'), models.CheckConstraint(condition=models.Q(('can_come', True), models.Q(('rank', None), ('state', 'said')), _connector='OR'), name='who_cannot_come_has_no_wish')],
            },
        ),
        migrations.CreateModel(
            name='ClosedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('name', models.CharField(blank=True, max_length=100)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closed_days', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'on'), name='one_closed_day_per_date')],
            },
        ),
    ]
