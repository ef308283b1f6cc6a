"""Sign-in, invitations and one's own details."""
