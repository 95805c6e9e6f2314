"""What decides which pages come and what they ask: of a draft's answers the codes, never a word that somebody typed."""

from typing import NamedTuple

from .forms import plan
from .forms.base import Draft


class Coded(NamedTuple):
    """Of the answers to questions only what some `shown_if` names, so that nothing else can tell two drafts apart."""

    country: str = ""
    about: str = ""
    unaware: bool = False
    category: str = ""
    subcode: str = ""
    method: str = ""
    subject_method: str = ""
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def only(self, names: tuple[str, ...]) -> "Coded":
        return Coded(**{name: getattr(self, name) for name in names})

    def as_draft(self) -> Draft:
        """A draft that holds these answers and no others."""
        return {
            "where": {"country": self.country},
            "about": {"about": self.about, "subject_unaware": self.unaware},
            "what": {"category": self.category, "subcode": self.subcode},
            "questions": {key: list(given) for key, given in self.questions},
            "contact": {"method": self.method},
            "subject_contact": {"method": self.subject_method},
        }


def coded(draft: Draft) -> Coded:
    empty: Draft = {}
    about, what = draft.get("about") or empty, draft.get("what") or empty
    given = draft.get("questions") or empty
    return Coded(
        (draft.get("where") or empty).get("country") or "",
        about.get("about") or "",
        bool(about.get("subject_unaware")),
        what.get("category") or "",
        what.get("subcode") or "",
        (draft.get("contact") or empty).get("method") or "",
        (draft.get("subject_contact") or empty).get("method") or "",
        _named(given) if given else (),
    )


def _named(given: Draft) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """An answer that no `shown_if` names is kept as nothing chosen, which is not the same as not answered."""
    named = plan().named
    return tuple(
        (key, tuple(one for one in (value if isinstance(value, list | tuple) else (value,)) if one in named[key]))
        for key, value in given.items()
        if key in named and value is not None
    )
