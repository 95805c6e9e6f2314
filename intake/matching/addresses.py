"""The normal form of an e-mail address: as its provider delivers it, where the provider says so in public."""

import unicodedata

# Google documents that dots and +tags in the name make no difference, and that both domains are one.
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
# Yandex documents that its domains and old ya.ru are one mailbox, that dots and hyphens are the same sign, and +tags.
_YANDEX = frozenset({"yandex.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.az", "yandex.com.tr", "ya.ru"})
# These document +tags only. Elsewhere the part before @ is the provider's own affair (RFC 5321 §2.4) and stays so.
_TAGS_ONLY = frozenset({"outlook.com", "hotmail.com", "live.com", "icloud.com", "proton.me", "protonmail.com"})


def normal_email(typed: str) -> str:
    """The address in one form, or "" when it is none.

    Letters are folded everywhere: no provider in use tells `A@` from `a@`. Dots, hyphens and +tags are dropped only for
    the providers above: elsewhere `a.b@` and `ab@` can be two people, and a false match would join strangers.
    """
    text = unicodedata.normalize("NFKC", typed[:320]).strip().casefold()
    name, at, domain = text.rpartition("@")
    domain = domain.rstrip(".")
    if not (name and at and "." in domain) or any(sign.isspace() for sign in text):
        return ""
    name, domain = _as_delivered(name, _in_ascii(domain))
    return f"{name}@{domain}" if name else ""


def _as_delivered(name: str, domain: str) -> tuple[str, str]:
    if domain in _GOOGLE:
        return name.partition("+")[0].replace(".", ""), "gmail.com"
    if domain in _YANDEX:
        return name.partition("+")[0].replace(".", "-"), "yandex.ru"
    if domain in _TAGS_ONLY:
        return name.partition("+")[0], domain
    return name, domain


def _in_ascii(domain: str) -> str:
    """`почта.рф` and its form in ASCII (RFC 5890) are one domain."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
