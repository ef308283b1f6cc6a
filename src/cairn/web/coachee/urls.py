"""Addresses of the coachee's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
