"""Addresses of the coach's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
