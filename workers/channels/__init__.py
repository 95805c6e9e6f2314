"""The ways out, one file each. A new one is its file and its line here."""

from collections.abc import Callable, Mapping

from cases.models import OutboxMessage
from workers.channels.base import Answer, Channel, Channels
from workers.channels.email import EmailChannel
from workers.channels.webhook import WebhookChannel

KNOWN: Mapping[str, Callable[[], Channel]] = {
    OutboxMessage.Channel.EMAIL.value: EmailChannel,
    OutboxMessage.Channel.WEBHOOK.value: WebhookChannel,
}


def open_channels() -> Channels:
    """New ones for one run; they connect when they are first used."""
    return {name: channel() for name, channel in KNOWN.items()}


__all__ = ["KNOWN", "Answer", "Channel", "Channels", "open_channels"]
