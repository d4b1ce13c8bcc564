"""Where a server is."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

_OPERATIONS = "/ops"


@dataclass(frozen=True)
class Endpoint:
    """A server's address, and its passwords, which are no part of any text that is shown.

    :raises ValueError: when the url is not like ``http://host:8042``; ``host:8042`` alone means HTTP, and a path of a
        proxy before ``/ops`` is fine
    """

    url: str
    password: str | None = field(default=None, repr=False)
    """For the stream; and for operations, where they have none of their own."""
    ingest_password: str | None = field(default=None, repr=False)
    """For operations."""

    def __post_init__(self) -> None:
        url = self.url if "://" in self.url else "http://" + self.url
        object.__setattr__(self, "url", _checked(url).rstrip("/").removesuffix(_OPERATIONS))

    @staticmethod
    def of(address: Endpoint | str) -> Endpoint:
        """An endpoint as it is, or one without a password."""
        return address if isinstance(address, Endpoint) else Endpoint(address)

    @property
    def operations(self) -> str:
        """The URL of the stream, and of what takes operations."""
        return self.url + _OPERATIONS

    @property
    def password_for_ingest(self) -> str | None:
        """What is sent with operations."""
        return self.password if self.ingest_password is None else self.ingest_password

    def __str__(self) -> str:
        return self.url


def authorization(password: str | None) -> dict[str, str]:
    """The header that sends a password; nothing for none."""
    if password is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"oplog:{password}".encode()).decode()}


def without_secrets(url: str) -> str:
    """Any address without what may be a password, however broken it is."""
    shown = re.sub(r"^(https?://)?.*@", r"\1…@", url, flags=re.IGNORECASE | re.DOTALL)
    return re.sub(r"[?#].*", "", shown, flags=re.DOTALL)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        sound = parts.scheme.lower() in ("http", "https") and parts.hostname and parts.port != 0
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        sound = False
    if not sound or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError(f"not an address like http://host:8042: {without_secrets(url)}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"an address has neither a password nor a query in it: {without_secrets(url)}")
    return url
