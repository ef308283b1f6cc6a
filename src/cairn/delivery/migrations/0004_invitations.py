import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0003_time'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
    ]
