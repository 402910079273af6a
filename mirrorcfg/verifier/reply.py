"""What a source answered: its status, its head, and its body as far as that was read."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from mirrorcfg.sentence import sentence
from mirrorcfg.verifier.codes import Failure
from mirrorcfg.verifier.url import Url


@dataclass(frozen=True)
class Reply:
    """An answer, its body unpacked as far as it was asked for."""

    status: int
    url: Url
    headers: httpx2.Headers
    body: bytes = b""
    complete: bool = True
    own: bool = True  # nobody but whom the login is for had a say in which address was asked

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def packed(self) -> bool:
        """Whether the server compressed what it sends."""
        return self.headers.get("content-encoding", "").strip().lower() not in ("", "identity")

    def target(self) -> Url:
        """Where it redirects to, without user and fragment. Raises Failure malformed."""
        try:
            return self.url.join(self.headers["location"])._replace(userinfo="")
        except (KeyError, ValueError):
            raise Failure(
                "malformed", host=self.url.host, detail=sentence("it redirects to no address")
            ) from None

    def good(self) -> Reply:
        """This reply. Raises Failure http-… unless its status is 2xx."""
        if 200 <= self.status < 300:
            return self
        facts = {"host": self.url.host, "url": str(self.url), "status": self.status}
        if self.status in (401, 403, 404, 429):
            raise Failure(f"http-{self.status}", **facts)
        if self.status == 410:
            raise Failure("http-404", **facts)
        code = {4: "http-4xx", 5: "http-5xx"}.get(self.status // 100)
        raise Failure(code or "malformed", **facts, detail=f"HTTP {self.status}")
