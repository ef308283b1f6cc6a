"""Addresses of the coordinator's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
