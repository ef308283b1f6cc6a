"""Reads about people and organisations. Each takes its reader; what the reader may not know of is not found."""

from cairn.people.queries.finding import (
    NotFound,
    consent_given,
    grant,
    has_history,
    invitation_by_secret,
    organisation,
    organisations,
    person_by_address,
    person_with_address,
    role_grants,
    roles,
)
from cairn.people.queries.tokens import Bearer, bearer, scopes_for, token, tokens
from cairn.people.queries.webhooks import deliveries, webhook, webhooks

__all__ = [
    "Bearer",
    "NotFound",
    "bearer",
    "consent_given",
    "deliveries",
    "grant",
    "has_history",
    "invitation_by_secret",
    "organisation",
    "organisations",
    "person_by_address",
    "person_with_address",
    "role_grants",
    "roles",
    "scopes_for",
    "token",
    "tokens",
    "webhook",
    "webhooks",
]
