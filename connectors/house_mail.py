"""The mail that is always there: a server, or an outbox folder where the settings name none."""

from connectors.channels import Channel, OutboxChannel, SmtpChannel
from settings import Settings


def channel(settings: Settings) -> Channel:
    if settings.smtp_host is None:
        return OutboxChannel(folder=settings.outbox_dir, sender=settings.mail_from)
    return SmtpChannel(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
    )
