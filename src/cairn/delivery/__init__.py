"""Coaching sessions: dates, attendance, calendars."""
