"""The tables of this room."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('library', '0001_contributions'),
        ('library', '0002_contribution_stands_once'),
    ]

    dependencies = [
        ('foundation', '0001_tables'),
        ('people', '0001_tables'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('favourite', 'a question I like to ask'), ('never', 'a question never to ask')], max_length=10)),
                ('text', models.CharField(max_length=300)),
                ('because', models.TextField(blank=True, max_length=2000)),
                ('stage', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('offered', 'offered'), ('accepted', 'in use'), ('declined', 'not taken')], default='offered', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('answer', models.TextField(blank=True, max_length=2000)),
                ('coach', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'state', 'kind'], name='library_con_organis_e13252_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('reviewed_by', None), ('state', 'offered')), models.Q(models.Q(('state', 'offered'), _negated=True), ('reviewed_at__isnull', False), ('reviewed_by__isnull', False)), _connector='OR'), name='contribution_reviewed_by_somebody'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='contribution_has_a_text'), models.UniqueConstraint(django.db.models.functions.text.Lower('text'), models.F('organisation'), models.F('kind'), condition=models.Q(('state', 'declined'), _negated=True), name='contribution_stands_once')],
            },
        ),
    ]
