"""What `imac doctor` looks at outside: the mail server, and the disk."""

import asyncio
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib

from cli.errors import CliError, Exit
from cli.setup.finding import Finding
from connectors.channels import IMPLICIT_TLS, TIMEOUT_SECONDS
from connectors.links import links
from connectors.openid import IssuerAway, open_id
from connectors.space import MIB, space_of
from settings import Settings, is_trusted_line


async def outside_checks(settings: Settings) -> list[Finding]:
    return [await _mail(settings), *await _sign_in(settings), await asyncio.to_thread(_space, settings)]


async def _mail(settings: Settings) -> Finding:
    """As far as sending goes without a letter: connected, encrypted, logged in."""
    if settings.smtp_host is None:
        return _outbox(settings.outbox_dir)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    implicit = settings.smtp_port == IMPLICIT_TLS
    server = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        use_tls=implicit,
        start_tls=settings.smtp_starttls and not implicit,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        async with server:
            await server.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        return Finding("check_mail", wrong=CliError("mail_silent", Exit.UNREACHABLE, server=where, reason=reason))
    return Finding("check_mail", where)


async def _sign_in(settings: Settings) -> list[Finding]:
    """As far as it goes without a person: what the issuer says of itself, and the keys it signs with."""
    openid = open_id(settings, links(settings).base)
    if openid is None:
        return []
    where, now = openid.trust.issuer, datetime.now(UTC)
    if not is_trusted_line(openid.base):
        return [Finding("check_sign_in", wrong=CliError("openid_way_back_open", Exit.REFUSED, url=openid.base))]
    try:
        await openid.keys(await openid.issuer(now), now)
    except IssuerAway as away:
        wrong = CliError("issuer_silent", Exit.UNREACHABLE, issuer=where, reason=away.reason)
        return [Finding("check_sign_in", wrong=wrong)]
    return [Finding("check_sign_in", f"{where} → {openid.back}")]


def _outbox(folder: Path) -> Finding:
    there = next(above for above in (folder.absolute(), *folder.absolute().parents) if above.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding("check_mail", f"{folder}")
    return Finding("check_mail", wrong=CliError("outbox_unwritable", Exit.REFUSED, folder=folder))


def _space(settings: Settings) -> Finding:
    space = space_of(settings)
    there = next(above for above in (settings.data_dir, *settings.data_dir.parents) if above.exists())
    found = f"{shutil.disk_usage(there).free // MIB} MiB"
    wrong = CliError("space_short", Exit.REFUSED, found=found, least=settings.free_space_mb) if space.is_short else None
    return Finding("check_space", found, wrong)
