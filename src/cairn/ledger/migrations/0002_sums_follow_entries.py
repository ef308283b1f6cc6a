from django.db import migrations

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
    dependencies = [("ledger", "0001_initial")]

    operations = [
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
