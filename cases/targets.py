"""Which webhook addresses are allowed: the text of a URL, and the addresses it resolves to. Pure: resolves nothing.

Used when an endpoint is registered and again each time before sending, because a name can come to mean another address.
The sender resolves once, passes *every* address through `check_address` and connects to a checked one, never by name.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cases.errors import InvalidTarget

MAX_LENGTH = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Target:
    """A checked address. `host` is lower case ASCII (no brackets), `path` begins with / and includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """host:port, the form in which `allowed_hosts` names it; an IPv6 host in brackets."""
        return _authority(self.host, self.port)


def check_url(url: str, allowed_hosts: Collection[str] = frozenset()) -> Target:
    """Reads the address of a webhook or raises InvalidTarget.

    Only https, except for the exact `host:port` pairs in `allowed_hosts` (the demo's receiver), which the operator
    answers for: http, any port and a private host are allowed there.
    """
    if not isinstance(url, str) or len(url) > MAX_LENGTH:
        raise InvalidTarget(reason="too_long" if isinstance(url, str) else "malformed")
    found = _SHAPE.fullmatch(url)
    if found is None:
        raise InvalidTarget(reason="scheme" if _OTHER_SCHEME.match(url) else "malformed")
    scheme = found["scheme"].lower()
    host, port = _host(found["host"]), _port(found["port"], scheme)
    target = Target(scheme=scheme, host=host, port=port, path=_path(found["path"], found["query"]))
    if target.authority not in allowed_hosts:
        _check_public(target)
    return target


def check_address(ip: str, target: Target | None = None, allowed_hosts: Collection[str] = frozenset()) -> str:
    """The address to connect to, in its canonical form; InvalidTarget if it is not a public one.

    With the `target` it was resolved for, a pair in `allowed_hosts` (its name or this address) may be anywhere.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        raise InvalidTarget(reason="address") from None
    pairs = {target.authority, _authority(str(address), target.port)} if target else set()
    if pairs.isdisjoint(allowed_hosts) and not _is_public(address):
        raise InvalidTarget(reason="address")
    return str(address)


# --- the text. One strict pattern instead of a lenient parser, so that nobody downstream can read it differently:
# no userinfo (@), no fragment, no backslash, no white space, nothing outside ASCII except in the host.

_OTHER_SCHEME = re.compile("(?!https?:)[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_SHAPE = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\x00-\x20\x7f/?#@:\\\[\]%]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[\w.~!$&'()*+,;=:@/%-]*)?"
    r"(?P<query>\?[\w.~!$&'()*+,;=:@/?%-]*)?",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# As browsers read it (WHATWG URL, "ends in a number"): 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are all addresses.
_NUMERIC_END = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
# IDNA 2003 and 2008 disagree on these (ß, final sigma, the joiners): two readers could reach two hosts.
_AMBIGUOUS = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")
# Names for the inside of a network. A name of one label is refused too.
_INSIDE = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa"}
)
# The ports that browsers block (WHATWG Fetch, "port blocking"), and stores that listen without a password.
# fmt: off
_BAD_PORTS = frozenset({
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526,
    530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
    4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    873, 2375, 3306, 3389, 5432, 6379, 9200, 11211, 27017,
})
# fmt: on


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host(text: str) -> str:
    if text.startswith("["):
        return _literal(text[1:-1], 6)
    host = _ascii(text).removesuffix(".")
    if _NUMERIC_END.fullmatch(host):
        return _literal(host, 4)
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise InvalidTarget(reason="host")
    return host


def _ascii(text: str) -> str:
    """Normalised before anything is compared: full-width digits and dots become what a resolver would make of them."""
    if not _AMBIGUOUS.isdisjoint(text):
        raise InvalidTarget(reason="host")
    try:
        return text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidTarget(reason="host") from None


def _literal(text: str, version: int) -> str:
    """Only the plain form of an address: no octal, hexadecimal, shortened or single number."""
    try:
        address = ip_address(text)
    except ValueError:
        raise InvalidTarget(reason="host") from None
    if address.version != version:
        raise InvalidTarget(reason="host")
    return str(address)


def _port(text: str | None, scheme: str) -> int:
    port = DEFAULT_PORTS[scheme] if text is None else int(text)
    if not 0 < port <= 65535:
        raise InvalidTarget(reason="port")
    return port


def _path(path: str | None, query: str | None) -> str:
    return (path or "/") + (query or "")


def _check_public(target: Target) -> None:
    if target.scheme != "https":
        raise InvalidTarget(reason="scheme")
    if target.port in _BAD_PORTS:
        raise InvalidTarget(reason="port")
    if ":" in target.host or _NUMERIC_END.fullmatch(target.host):
        check_address(target.host)
    elif "." not in target.host or target.host.rpartition(".")[2] in _INSIDE:
        raise InvalidTarget(reason="host")


# --- the addresses. Python's `is_global` changes between releases and calls multicast and some of these global.

_NEVER_V4 = tuple(
    map(
        ip_network,
        [
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT, where some clouds keep their metadata service
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure's host agent: a public number that answers inside only
            "169.254.0.0/16",  # link-local and metadata services
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments, metadata of Oracle's cloud
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ],
    )
)
_GLOBAL_V6 = ip_network("2000::/3")  # all else is unassigned, unique local (fd00:ec2::254 too), link-local or multicast
_NEVER_V6 = tuple(
    map(
        ip_network,
        [
            "2001::/23",  # protocol assignments; Teredo, which carries a v4 address inside, is 2001::/32
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ],
    )
)
# Networks in whose addresses a v4 address stands, and how many bits follow it.
_CARRIERS = (
    (ip_network("::ffff:0:0/96"), 0),  # mapped
    (ip_network("64:ff9b::/96"), 0),  # NAT64: how a v6-only machine reaches every v4 host
    (ip_network("2002::/16"), 80),  # 6to4
)
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NEVER_V4)
    if address.scope_id is not None:
        return False
    carried = _carried(address)
    if carried is not None:
        return _is_public(carried)
    return address in _GLOBAL_V6 and not any(address in network for network in _NEVER_V6)


def _carried(address: IPv6Address) -> IPv4Address | None:
    number = int(address)
    for network, shift in _CARRIERS:
        if address in network:
            return IPv4Address(number >> shift & 0xFFFFFFFF)
    if number >> 32 & 0xFFFFFFFF in _ISATAP and address in _GLOBAL_V6:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
