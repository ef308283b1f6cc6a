from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_sums_follow_entries")]

    operations = [
        migrations.AddField(
            model_name="ledgerentry",
            name="description",
            field=models.CharField(blank=True, help_text="as an invoice line names the source", max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="invoice",
            name="reply",
            field=models.CharField(blank=True, help_text="what the coach answers", max_length=500, default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                name="queried_invoice_says_what", condition=~Q(state="queried") | ~Q(query="")
            ),
        ),
    ]
