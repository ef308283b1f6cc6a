"""Addresses for everybody: where the day begins, invitations, one's own details."""

from django.urls import path

from cairn.web.account import views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
]
