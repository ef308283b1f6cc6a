"""What goes wrong on purpose: processes killed, the database stopped in mid-flight, a mail server that misbehaves."""
