"""Figures for Prometheus: counts and times by route, mails and jobs by state. No label names a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
REQUESTS = Counter("cairn_requests_total", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram("cairn_request_seconds", "Seconds to answer a request.", ["route"], registry=REGISTRY)
MAILS = Gauge("cairn_mails", "Mails by state.", ["state"], registry=REGISTRY)
JOBS = Gauge("cairn_jobs", "Queued work by state.", ["state"], registry=REGISTRY)


def exposition() -> bytes:
    """The figures in Prometheus' text format."""
    return generate_latest(REGISTRY)
