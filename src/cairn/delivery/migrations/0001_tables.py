"""The tables of this room; what was marked is a history."""

import cairn.delivery.models.calendars
import cairn.people.models
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('delivery', '0001_initial'),
        ('delivery', '0002_marks_are_history'),
        ('delivery', '0003_time'),
        ('delivery', '0004_invitations'),
        ('delivery', '0005_meetings'),
        ('delivery', '0006_own_calendars'),
    ]

    dependencies = [
        ('foundation', '0001_tables'),
        ('people', '0001_tables'),
        ('people', '__first__'),
        ('programmes', '0001_tables'),
    ]

    operations = [
        migrations.CreateModel(
            name='Availability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('time_zone', models.CharField(max_length=60, validators=[cairn.people.models.check_time_zone])),
                ('is_open', models.BooleanField(default=True, help_text='coachees may book for themselves')),
                ('buffer_before_minutes', models.PositiveSmallIntegerField(default=0)),
                ('buffer_after_minutes', models.PositiveSmallIntegerField(default=15)),
                ('notice_hours', models.PositiveSmallIntegerField(default=24, help_text='how long before it begins it can be booked')),
                ('cut_off_hours', models.PositiveSmallIntegerField(default=24, help_text='until when a coachee may move it alone')),
                ('most_per_day', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('most_per_week', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('horizon_days', models.PositiveSmallIntegerField(default=60, help_text='how far ahead it can be booked')),
                ('step_minutes', models.PositiveSmallIntegerField(default=30, help_text='starts lie so far apart')),
                ('version', models.PositiveIntegerField(default=1)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('horizon_days__gte', 1), ('horizon_days__lte', 400), ('step_minutes__gte', 5), ('step_minutes__lte', 240), models.Q(('most_per_day', None), ('most_per_day__gte', 1), _connector='OR'), models.Q(('most_per_week', None), ('most_per_week__gte', 1), _connector='OR')), name='availability_limits_make_sense')],
            },
        ),
        migrations.CreateModel(
            name='AvailabilityException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('starts', models.TimeField(blank=True, null=True)),
                ('ends', models.TimeField(blank=True, null=True)),
                ('is_open', models.BooleanField(default=False, help_text='open at these times; otherwise away')),
                ('availability', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='delivery.availability')),
            ],
            options={
                'ordering': ['first_on', 'starts'],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='exception_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(models.Q(('ends', None), ('is_open', False), ('starts', None)), models.Q(('ends__isnull', False), ('starts__isnull', False), models.Q(('ends__gt', models.F('starts')), ('ends', '00:00'), _connector='OR')), _connector='OR'), name='exception_has_both_times_or_none')],
            },
        ),
        migrations.CreateModel(
            name='BusyCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ics', 'an .ics address'), ('caldav', 'CalDAV, with an app password')], max_length=8)),
                ('name', models.CharField(help_text='as its owner calls it', max_length=80)),
                ('state', models.CharField(choices=[('new', 'not read yet'), ('working', 'answers'), ('failing', 'does not answer')], default='new', max_length=8)),
                ('problem', models.CharField(blank=True, help_text='a key of what went wrong last', max_length=60)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('etag', models.CharField(blank=True, max_length=200)),
                ('added_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(help_text='when it last answered', null=True)),
                ('told_at', models.DateTimeField(help_text='when its owner was told that it stopped answering', null=True)),
                ('due_at', models.DateTimeField(help_text='when it is to be read next', null=True)),
                ('read_until', models.DateTimeField(help_text='to where the times in it are known', null=True)),
                ('unread', models.PositiveIntegerField(db_default=0, default=0, help_text='entries that nobody could place in time')),
                ('removed_at', models.DateTimeField(help_text='taken away by its owner, who may yet take that back', null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('removed_at', None)), fields=['due_at'], name='busy_calendars_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='busy_calendar_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='BusyTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times', to='delivery.busycalendar')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['person', 'during'], name='busy_times')],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('detail', models.CharField(choices=[('busy', 'only that I am busy'), ('title', 'that it is coaching, and of which kind'), ('full', 'everything I see in Cairn, but for how to join')], default='busy', max_length=8)),
                ('made_at', models.DateTimeField()),
                ('last_read_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('person',), name='one_live_feed_per_person')],
            },
        ),
        migrations.CreateModel(
            name='MeetingPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='as coachees choose it', max_length=80)),
                ('mode', models.CharField(choices=[('online', 'online'), ('in_person', 'in person'), ('phone', 'by phone')], default='online', max_length=10)),
                ('where', models.CharField(blank=True, help_text='link, place or number', max_length=500)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='meeting_place_has_a_name'), models.UniqueConstraint(fields=('person', 'name'), name='one_meeting_place_per_name')],
            },
        ),
        migrations.CreateModel(
            name='ReminderChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minutes_before', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), blank=True, default=cairn.delivery.models.calendars.two_days_and_two_hours, size=5)),
                ('quiet_from', models.TimeField(default='21:00', help_text="on the wall of the person's own zone")),
                ('quiet_until', models.TimeField(default='07:00')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReplyMailbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.EmailField(max_length=254)),
                ('host', models.CharField(max_length=253)),
                ('port', models.PositiveIntegerField(default=993)),
                ('read_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=60)),
                ('last_uid', models.PositiveBigIntegerField(default=0)),
                ('uid_validity', models.PositiveBigIntegerField(default=0)),
                ('organisation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.cohort')),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.coachinggroup')),
            ],
        ),
        migrations.CreateModel(
            name='CoachingSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('one_to_one', 'one-to-one'), ('group', 'group'), ('coach_meeting', 'coach meeting'), ('familiarisation', 'familiarisation'), ('topic', 'topic session'), ('drop_in', 'drop-in'), ('celebration', 'celebration')], max_length=16)),
                ('position', models.PositiveSmallIntegerField(help_text='third of four: 3')),
                ('minutes', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('undated', 'without a date'), ('booked', 'booked'), ('held', 'held'), ('cancelled', 'cancelled')], default='undated', max_length=10)),
                ('mode', models.CharField(choices=[('online', 'online'), ('in_person', 'in person'), ('phone', 'by phone')], default='online', max_length=10)),
                ('where', models.CharField(blank=True, help_text='link, place or number', max_length=500)),
                ('wall_starts', models.DateTimeField(help_text='as agreed on the wall, stored as if it were UTC', null=True)),
                ('fold', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='which of two readings of a wall time: 0 or 1')),
                ('time_zone', models.CharField(max_length=60, validators=[cairn.people.models.check_time_zone])),
                ('planned_wall', models.DateTimeField(help_text='where its series first put it: its RECURRENCE-ID', null=True)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1, help_text='raised by every change; guards against overwriting')),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='programmes.cohort')),
                ('engagement', models.ForeignKey(help_text='none: all coaches', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='programmes.coachengagement')),
                ('enrolment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='programmes.enrolment')),
                ('group', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='programmes.coachinggroup')),
                ('series', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='delivery.series')),
            ],
            options={
                'indexes': [models.Index(fields=['engagement', 'starts_at'], name='delivery_co_engagem_918e04_idx'), models.Index(fields=['cohort', 'starts_at'], name='delivery_co_cohort__d7f63e_idx'), models.Index(fields=['group', 'starts_at'], name='delivery_co_group_i_3bb821_idx'), models.Index(fields=['enrolment', 'starts_at'], name='delivery_co_enrolme_d062cf_idx'), models.Index(condition=models.Q(('state', 'undated')), fields=['engagement', 'enrolment'], name='undated_sessions')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ends_at', None), ('starts_at', None), ('state', 'undated'), ('wall_starts', None)), models.Q(('ends_at__isnull', False), ('starts_at__isnull', False), ('wall_starts__isnull', False)), ('state', 'cancelled'), models.Q(('kind', 'familiarisation'), ('state', 'held')), _connector='OR'), name='dated_session_has_instants'), models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='session_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(models.Q(('engagement__isnull', False), ('enrolment__isnull', False), ('group', None), ('kind', 'one_to_one')), models.Q(('engagement__isnull', False), ('enrolment', None), ('group__isnull', False), ('kind', 'group')), models.Q(('engagement', None), ('enrolment', None), ('group', None), ('kind', 'coach_meeting')), models.Q(('engagement__isnull', False), ('enrolment', None), ('group', None), ('kind', 'familiarisation')), models.Q(('enrolment', None), ('group', None), ('kind', 'topic')), models.Q(('engagement__isnull', False), ('enrolment', None), ('group', None), ('kind', 'drop_in')), models.Q(('engagement', None), ('enrolment', None), ('group', None), ('kind', 'celebration')), _connector='OR'), name='session_is_for_whom_its_kind_says'), models.CheckConstraint(condition=models.Q(models.Q(('planned_wall', None), ('series', None)), models.Q(('planned_wall__isnull', False), ('series__isnull', False)), _connector='OR'), name='occurrence_knows_where_it_was_planned'), models.CheckConstraint(condition=models.Q(('fold__lte', 1)), name='fold_is_first_or_second')],
            },
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(choices=[('attended', 'attended'), ('excused', 'excused'), ('late_cancelled', 'late cancelled'), ('missed', 'missed')], max_length=16)),
                ('marked_at', models.DateTimeField()),
                ('engagement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programmes.coachengagement')),
                ('enrolment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='programmes.enrolment')),
                ('marked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'enrolment'), name='one_mark_per_enrolment'), models.UniqueConstraint(fields=('session', 'engagement'), name='one_mark_per_engagement'), models.CheckConstraint(condition=models.Q(models.Q(('engagement', None), ('enrolment__isnull', False)), models.Q(('engagement__isnull', False), ('enrolment', None)), _connector='OR'), name='mark_is_for_one')],
            },
        ),
        migrations.CreateModel(
            name='AttendanceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(choices=[('attended', 'attended'), ('excused', 'excused'), ('late_cancelled', 'late cancelled'), ('missed', 'missed')], max_length=16)),
                ('at', models.DateTimeField()),
                ('attendance', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='delivery.attendance')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Apology',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('in_time', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='apologies', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'enrolment'), name='one_apology_per_session')],
            },
        ),
        migrations.CreateModel(
            name='InvitationReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('accepted', 'accepted'), ('tentative', 'perhaps'), ('declined', 'declined')], max_length=10)),
                ('sequence', models.PositiveIntegerField(help_text='of the invitation that was answered')),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'person'), name='one_reply_per_invitation')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wall_starts', models.DateTimeField(help_text="on the wall of the session's zone, stored as if it were UTC")),
                ('fold', models.PositiveSmallIntegerField(default=0)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('expires_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('coach', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='hold', to='delivery.coachingsession')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='delivery.meetingplace')),
            ],
            options={
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('coach', '='), ('during', '&&')], name='no_time_is_held_twice')],
            },
        ),
        migrations.CreateModel(
            name='MeetingPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('challenge', 'a common challenge'), ('comment', 'a comment'), ('feedback', 'feedback')], max_length=10)),
                ('text', models.TextField(max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='meeting_point_says_something')],
            },
        ),
        migrations.CreateModel(
            name='PartingWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parting_words', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'by'), name='one_parting_word_per_coach'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='parting_word_says_something')],
            },
        ),
        migrations.CreateModel(
            name='PersonTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taken', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('session', 'person'), name='one_time_per_person_and_session'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('during', '&&')], name='nobody_is_double_booked')],
            },
        ),
        migrations.CreateModel(
            name='Poll',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'open'), ('settled', 'settled'), ('withdrawn', 'withdrawn')], default='open', max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='polls', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('session',), name='one_open_poll_per_session'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opened_at'))), name='poll_closes_after_it_opens')],
            },
        ),
        migrations.CreateModel(
            name='PollTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wall_starts', models.DateTimeField()),
                ('fold', models.PositiveSmallIntegerField(default=0)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('is_chosen', models.BooleanField(default=False)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='times', to='delivery.poll')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('poll', 'starts_at'), name='one_poll_time_per_start'), models.UniqueConstraint(condition=models.Q(('is_chosen', True)), fields=('poll',), name='one_chosen_time_per_poll'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='poll_time_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='PollAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(choices=[('yes', 'yes'), ('maybe', 'if need be'), ('no', 'no')], max_length=8)),
                ('at', models.DateTimeField()),
                ('enrolment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
                ('time', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='delivery.polltime')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('time', 'enrolment'), name='one_answer_per_poll_time')],
            },
        ),
        migrations.CreateModel(
            name='SentInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveIntegerField(help_text="never lower than the session's version; rises with every message")),
                ('starts_at', models.DateTimeField(help_text='as it was told')),
                ('ends_at', models.DateTimeField()),
                ('is_withdrawn', models.BooleanField(default=False)),
                ('sent_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='delivery.coachingsession')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_withdrawn', False)), fields=['person', 'ends_at'], name='live_invitations')],
                'constraints': [models.UniqueConstraint(fields=('session', 'person'), name='one_invitation_per_person')],
            },
        ),
        migrations.CreateModel(
            name='SessionDetail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=120)),
                ('description', models.TextField(blank=True, help_text='what a topic session is about; an agenda', max_length=4000)),
                ('material', models.URLField(blank=True, help_text='where the presentation can be read', max_length=500)),
                ('notes', models.TextField(blank=True, max_length=8000)),
                ('places', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('changed_at', models.DateTimeField(null=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='detail', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('places', None), ('places__gte', 1), _connector='OR'), name='session_has_places_for_some')],
            },
        ),
        migrations.CreateModel(
            name='SessionPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('seated', 'has a place'), ('waiting', 'on the waiting list'), ('away', 'cannot come')], max_length=8)),
                ('since', models.DateTimeField()),
                ('engagement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.coachengagement')),
                ('enrolment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.enrolment')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='delivery.coachingsession')),
            ],
            options={
                'indexes': [models.Index(fields=['session', 'state', 'since'], name='delivery_se_session_ed087d_idx')],
                'constraints': [models.UniqueConstraint(fields=('session', 'enrolment'), name='one_place_per_session'), models.UniqueConstraint(fields=('session', 'engagement'), name='one_answer_per_coach'), models.CheckConstraint(condition=models.Q(models.Q(('engagement', None), ('enrolment__isnull', False)), models.Q(('engagement__isnull', False), ('enrolment', None), ('state', 'away')), _connector='OR'), name='place_is_a_coachees_or_a_coach_is_away')],
            },
        ),
        migrations.CreateModel(
            name='SessionQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=1000)),
                ('stage', models.CharField(choices=[('before', 'beforehand'), ('during', 'during the session')], max_length=8)),
                ('at', models.DateTimeField()),
                ('taken_up_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='delivery.coachingsession')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='session_question_says_something')],
            },
        ),
        migrations.CreateModel(
            name='SlotWatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('since', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='delivery.coachingsession')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('told_at', None)), fields=['starts_at'], name='open_watches')],
                'constraints': [models.UniqueConstraint(fields=('session', 'person', 'starts_at'), name='one_watch_per_time')],
            },
        ),
        migrations.CreateModel(
            name='WeeklyHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField()),
                ('starts', models.TimeField()),
                ('ends', models.TimeField(help_text='midnight at the end of the day is 00:00')),
                ('availability', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='delivery.availability')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='delivery.meetingplace')),
            ],
            options={
                'ordering': ['weekday', 'starts'],
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6)), name='weekday_is_one_of_seven'), models.CheckConstraint(condition=models.Q(('ends__gt', models.F('starts')), ('ends', '00:00'), _connector='OR'), name='weekly_hours_end_after_they_start')],
            },
        ),
        migrations.CreateModel(
            name='WorkbookUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.JSONField()),
                ('filename', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('previewed', 'previewed'), ('applied', 'applied'), ('discarded', 'discarded')], default='previewed', max_length=10)),
                ('uploaded_at', models.DateTimeField()),
                ('applied_at', models.DateTimeField(null=True)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.coachengagement')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON delivery_attendancechange "
            "FOR EACH ROW EXECUTE FUNCTION cairn_append_only();",
            "DROP TRIGGER append_only ON delivery_attendancechange;",
        ),
    ]
