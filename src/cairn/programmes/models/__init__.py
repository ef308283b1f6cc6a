"""Programmes, cohorts and who takes part. Delivery and money hang from here and point down to it."""

from cairn.programmes.models.cohorts import ClosedDay, Cohort, PartnerInstitution, Programme
from cairn.programmes.models.groups import (
    CoachingGroup,
    ConflictOfInterest,
    DateRange,
    GroupingProposal,
    GroupPlace,
    MixingAnswer,
    MixingAttribute,
    PairRule,
)
from cairn.programmes.models.people import (
    AgreementAcceptance,
    CoachEngagement,
    ColumnMemory,
    Enrolment,
    NewPosition,
    ParticipantImport,
)
from cairn.programmes.models.requests import Adjustment, GroupSlot, MoveRequest, SlotChoice

__all__ = [
    "Adjustment",
    "AgreementAcceptance",
    "ClosedDay",
    "CoachEngagement",
    "CoachingGroup",
    "Cohort",
    "ColumnMemory",
    "ConflictOfInterest",
    "DateRange",
    "Enrolment",
    "GroupPlace",
    "GroupSlot",
    "GroupingProposal",
    "MixingAnswer",
    "MixingAttribute",
    "MoveRequest",
    "NewPosition",
    "PairRule",
    "ParticipantImport",
    "PartnerInstitution",
    "Programme",
    "SlotChoice",
]
