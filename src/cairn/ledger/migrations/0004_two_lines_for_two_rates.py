from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_entries_say_what_for")]

    operations = [
        migrations.RemoveConstraint(model_name="invoiceline", name="one_line_per_source_here"),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.UniqueConstraint(
                fields=["invoice", "source_kind", "source_id", "on"], name="one_line_per_source_here"
            ),
        ),
    ]
