"""The one place that decides what a partner sees (domain.md §9): the offer, what the person consented to, a tombstone.

Views hold plain Python values; doors give them their form. Encrypted text is opened in the single view only.
"""

from .consented import Disclosed, consented_view, may_see_contact, record_fetch
from .files import DisclosedFiles, disclosed_files, record_files
from .groups import file_views
from .offer import COMPLETED_READABLE, View, is_tombstone, offer_view, offer_views

__all__ = [
    "COMPLETED_READABLE",
    "Disclosed",
    "DisclosedFiles",
    "View",
    "consented_view",
    "disclosed_files",
    "file_views",
    "is_tombstone",
    "may_see_contact",
    "offer_view",
    "offer_views",
    "record_fetch",
    "record_files",
]
