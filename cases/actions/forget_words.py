"""What our people and partners wrote about a person goes with that person's report, besides its key."""

from datetime import datetime

from cases.models import ApprovalRequest, Case, FollowUp, Note, Referral, ReferralUpdate, VitalInterest


def forget_words_step(*, case: Case, now: datetime) -> None:
    """After an erasure: sealed words become empty, so that a copied key is worth nothing, and nobody is reminded.

    Rows stay as codes and dates: that somebody was tried, or something was to be done. The caller holds the case's
    lock. Eight statements.
    """
    Note.objects.filter(case=case).update(text=None)
    FollowUp.objects.filter(case=case).update(text=None)
    FollowUp.objects.open().filter(case=case).update(removed_at=now)
    ReferralUpdate.objects.filter(referral__case=case).update(note=None, next_step=None)
    Referral.objects.filter(case=case).update(note=None)
    VitalInterest.objects.filter(case=case).update(reason=None)
    ApprovalRequest.objects.filter(case=case).update(reason=None)
    Case.objects.filter(pk=case.pk).update(summary=None)
    case.summary = None
