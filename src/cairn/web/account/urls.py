"""Addresses for everybody: where the day begins, invitations, one's own details."""

from django.urls import path

from cairn.web.account import calendars, demo, invitation, mail_stop, proof, reminders, tokens, views

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
    path("invitation/<str:secret>/", invitation.invitation, name="invitation"),
]
