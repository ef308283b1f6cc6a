from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0001_contributions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.UniqueConstraint(
                Lower("text"),
                models.F("organisation"),
                models.F("kind"),
                condition=models.Q(("state", "declined"), _negated=True),
                name="contribution_stands_once",
            ),
        ),
    ]
