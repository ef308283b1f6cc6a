"""Programmes, cohorts, enrolments, coach engagements, groups."""
