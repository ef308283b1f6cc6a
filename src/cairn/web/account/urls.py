"""Addresses for everybody: where the day begins, invitations, one's own details."""

from django.urls import path

from cairn.web.account import demo, invitation, proof, views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("me/details/", views.my_details, name="my_details"),
    path("who-sees-what/", views.who_sees_what, name="who_sees_what"),
    path("cohorts/<int:cohort_id>/proof/", proof.cohort_proof, name="cohort_proof"),
    path("demo/sign-in/<str:token>/", demo.sign_in, name="demo_sign_in"),
    path("invitation/<str:secret>/", invitation.invitation, name="invitation"),
]
