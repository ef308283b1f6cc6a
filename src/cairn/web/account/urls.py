"""Addresses for everybody: where the day begins, invitations, one's own details."""

from django.urls import path

from cairn.web.account import busy_calendars, calendars, demo, invitation, mail_stop, proof, reminders, tokens, views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("me/details/", views.my_details, name="my_details"),
    path("me/reminders/", reminders.reminders, name="reminders"),
    path("mail/stop/<str:token>/", mail_stop.mail_stop, name="mail_stop"),
    path("who-sees-what/", views.who_sees_what, name="who_sees_what"),
    path("cohorts/<int:cohort_id>/proof/", proof.cohort_proof, name="cohort_proof"),
    path("demo/sign-in/<str:token>/", demo.sign_in, name="demo_sign_in"),
    path("me/tokens/", tokens.tokens, name="tokens"),
    path("me/tokens/<int:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("me/calendar/", calendars.calendar_feed_settings, name="calendar_feed_settings"),
    path("calendar/feed/<str:secret>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("me/busy/", busy_calendars.busy_calendars, name="busy_calendars"),
    path("me/busy/add/<str:kind>/", busy_calendars.busy_calendar_add, name="busy_calendar_add"),
    path("me/busy/<int:calendar_id>/", busy_calendars.busy_calendar, name="busy_calendar"),
    path("me/busy/<int:calendar_id>/read/", busy_calendars.busy_calendar_read, name="busy_calendar_read"),
    path("me/busy/<int:calendar_id>/remove/", busy_calendars.busy_calendar_remove, name="busy_calendar_remove"),
    path("me/busy/<int:calendar_id>/back/", busy_calendars.busy_calendar_back, name="busy_calendar_back"),
    path("invitation/<str:secret>/", invitation.invitation, name="invitation"),
]
