"""A real mail server on loopback, and the people that letters are for."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from auditing.models import User
from config.mail import mailers
from tests.views.cast import Cast, assemble


@dataclass
class Post:
    """What the mail server took, in order; whom it `refuses`, and where it listens."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message."""
        self.raw.append(envelope.content)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def addresses(self) -> list[str]:
        """To whom, in order of the alphabet."""
        return sorted(str(message["To"]) for message in self.taken)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """The mail server, which every letter goes to."""
    post = Post(free_port())
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    settings.MAILERS = mailers(f"smtp://127.0.0.1:{post.port}")
    settings.PUBLIC_URL = "https://clips.example.com"
    yield post
    controller.stop()


@pytest.fixture
def no_post(settings: Settings) -> None:
    """A mail server that is not there."""
    settings.MAILERS = mailers(f"smtp://127.0.0.1:{free_port()}")


def everybody() -> Cast:
    """The teams and people, each with an address."""
    people = assemble()
    for person in vars(people).values():
        if isinstance(person, User):
            person.email = f"{person.username}@example.com"
            person.save()
    return people


@pytest.fixture
def people(db: None) -> Cast:  # noqa: ARG001 - the fixture opens the database
    """The same."""
    return everybody()


def text_of(message: EmailMessage) -> str:
    """A message's plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    """Its HTML."""
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())
