"""Which Apprise plugin speaks with which provider, and what of a channel it is given.

Plugins are made from single values, never from an address with everything in it: nothing a value holds can become
another part of the request. User names and passwords are the exception, Apprise takes those as quoted.
"""

import sys
from collections.abc import Mapping
from functools import singledispatch
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from apprise import AppriseAsset
from apprise.plugins.base import NotifyBase
from apprise.plugins.clicksend import NotifyClickSend
from apprise.plugins.gotify import NotifyGotify
from apprise.plugins.mattermost import NotifyMattermost
from apprise.plugins.ntfy import NotifyNtfy
from apprise.plugins.rocketchat import NotifyRocketChat
from apprise.plugins.seven import NotifySeven
from apprise.plugins.sinch import NotifySinch
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.workflows import NotifyWorkflows

from connectors.apprise_gate import close_in
from domain.channels import channel as channels
from domain.channels.channel import AnyChannel

# No icons from foreign hosts, nothing kept on disk.
_ASSET = AppriseAsset(
    app_id="imacflow", app_desc="imacflow", app_url="", image_url_mask="", http_redirects=False, storage_mode="memory"
)


class Recipe(NamedTuple):
    plugin: type[NotifyBase]
    given: Mapping[str, object]


def plugin_for(channel: AnyChannel, address: str) -> NotifyBase:
    """Raises `AppriseException`, whose text repeats what was given."""
    recipe = _recipe(channel)
    close_in(sys.modules[recipe.plugin.__module__])
    return recipe.plugin(**recipe.given, targets=[_target(channel, address)], asset=_ASSET)


def _target(channel: AnyChannel, address: str) -> str:
    # With a plus it is an id; without one Apprise would look for a name.
    return f"+{address}" if isinstance(channel, channels.Slack | channels.Mattermost) else address


@singledispatch
def _recipe(channel: object) -> Recipe:
    raise NotImplementedError(type(channel).__name__)


@_recipe.register
def _slack(channel: channels.Slack) -> Recipe:
    token = channel.token.get_secret_value()
    return Recipe(NotifySlack, {"access_token": token, "mode": "bot", "include_image": False, "include_footer": False})


@_recipe.register
def _teams(channel: channels.MsTeams) -> Recipe:
    given = {
        "workflow": channel.workflow,
        "signature": channel.signature.get_secret_value(),
        "power_automate": channel.power_automate,
        "include_image": False,
    }
    return Recipe(NotifyWorkflows, given | _server(channel.url))


@_recipe.register
def _mattermost(channel: channels.Mattermost) -> Recipe:
    given = {"token": channel.token.get_secret_value(), "mode": "bot"}
    return Recipe(NotifyMattermost, given | _server(channel.url))


@_recipe.register
def _rocketchat(channel: channels.RocketChat) -> Recipe:
    given = {"webhook": channel.token.get_secret_value(), "mode": "webhook", "avatar": False}
    return Recipe(NotifyRocketChat, given | _server(channel.url))


@_recipe.register
def _telegram(channel: channels.Telegram) -> Recipe:
    return Recipe(NotifyTelegram, {"bot_token": channel.token.get_secret_value(), "detect_owner": False})


@_recipe.register
def _ntfy(channel: channels.Ntfy) -> Recipe:
    token = {"auth": "token", "token": channel.token.get_secret_value()} if channel.token else {}
    return Recipe(NotifyNtfy, {"mode": "private", "include_image": False} | token | _server(channel.url))


@_recipe.register
def _gotify(channel: channels.Gotify) -> Recipe:
    return Recipe(NotifyGotify, {"token": channel.token.get_secret_value()} | _server(channel.url))


@_recipe.register
def _twilio(channel: channels.Twilio) -> Recipe:
    given = {
        "account_sid": channel.account,
        "auth_token": channel.token.get_secret_value(),
        "source": channel.sender,
        "method": channel.method,
    }
    return Recipe(NotifyTwilio, given)


@_recipe.register
def _sinch(channel: channels.Sinch) -> Recipe:
    given = {
        "service_plan_id": channel.plan,
        "api_token": channel.token.get_secret_value(),
        "source": channel.sender,
        "region": channel.region,
    }
    return Recipe(NotifySinch, given)


@_recipe.register
def _clicksend(channel: channels.ClickSend) -> Recipe:
    user, key = (quote(part, safe="") for part in (channel.user, channel.key.get_secret_value()))
    return Recipe(NotifyClickSend, {"user": user, "password": key})


@_recipe.register
def _seven(channel: channels.Seven) -> Recipe:
    return Recipe(NotifySeven, {"apikey": channel.key.get_secret_value(), "source": channel.sender})


def _server(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    path = f"{parts.path.rstrip('/')}/"
    return {"secure": parts.scheme == "https", "host": host, "port": parts.port, "fullpath": path}
