"""What one coach picked says nothing to another, so each may pick the same."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journey", "0003_journal_import"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="pick", name="one_open_pick_per_item"),
        migrations.AddConstraint(
            model_name="pick",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("person", "coach", "kind", "key"),
                name="one_open_pick_per_item_and_coach",
            ),
        ),
    ]
