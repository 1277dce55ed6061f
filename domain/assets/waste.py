"""Waste codes of used devices, and which of them is proposed for an asset, and why.

Codes are those of the German AVV (Abfallverzeichnis-Verordnung of 10.12.2001, annex), which are the European ones of
Decision 2000/532/EC; a star marks hazardous waste. The list of batteries is being recast by Delegated Decision (EU)
2025/934: whoever confirms a code looks at what holds on that day.
"""

import re
from enum import StrEnum

from domain.assets.asset import Asset
from domain.values import Value


class WasteCode(StrEnum):
    """Those under which what is worked with in offices leaves; each has its words in the wording files."""

    TONER_HAZARDOUS = "08 03 17*"
    TONER = "08 03 18"
    COOLING_DEVICE = "16 02 11*"
    DEVICE_HAZARDOUS = "16 02 13*"
    DEVICE = "16 02 14"
    PART_HAZARDOUS = "16 02 15*"
    PART = "16 02 16"
    LEAD_BATTERY = "16 06 01*"
    NICKEL_BATTERY = "16 06 02*"
    MERCURY_BATTERY = "16 06 03*"
    ALKALINE_BATTERY = "16 06 04"
    OTHER_BATTERY = "16 06 05"

    @property
    def is_hazardous(self) -> bool:
        return self.endswith("*")


class Battery(StrEnum):
    """`none`: it never had one."""

    NONE = "none"
    TAKEN_OUT = "taken_out"
    INSIDE = "inside"


class WasteReason(StrEnum):
    """Why a code is proposed."""

    BATTERY_INSIDE = "battery_inside"
    MERCURY_LAMP = "mercury_lamp"
    LEAD_BATTERY = "lead_battery"
    OTHER_BATTERY = "other_battery"
    PART = "part"
    NOTHING_HAZARDOUS = "nothing_hazardous"


class WasteProposal(Value):
    code: WasteCode
    reason: WasteReason


# Of categories as customers write them. What is told by its own name goes first.
_BY_CATEGORY: tuple[tuple[re.Pattern[str], WasteProposal], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), WasteProposal(code=code, reason=reason))
    for pattern, code, reason in (
        (r"\busv\b|\bups\b|lead|blei", WasteCode.LEAD_BATTERY, WasteReason.LEAD_BATTERY),
        (r"batter|akku", WasteCode.OTHER_BATTERY, WasteReason.OTHER_BATTERY),
        # Until about 2012 lamps with mercury stood behind the picture, and from outside nobody sees which.
        (
            r"monitor|bildschirm|display|beamer|projektor|projector",
            WasteCode.DEVICE_HAZARDOUS,
            WasteReason.MERCURY_LAMP,
        ),
        (
            r"festplatte|\bssd\b|\bhdd\b|hard disk|\bram\b|speichermodul|\bpart\b|bauteil",
            WasteCode.PART,
            WasteReason.PART,
        ),
    )
)
_INSIDE = WasteProposal(code=WasteCode.DEVICE_HAZARDOUS, reason=WasteReason.BATTERY_INSIDE)
_HARMLESS = WasteProposal(code=WasteCode.DEVICE, reason=WasteReason.NOTHING_HAZARDOUS)


def proposed(asset: Asset, battery: Battery) -> WasteProposal:
    """A battery that is still inside makes a hazardous device of any."""
    category = asset.category or ""
    named = next((proposal for pattern, proposal in _BY_CATEGORY if pattern.search(category)), _HARMLESS)
    is_device = named.code in (WasteCode.DEVICE, WasteCode.DEVICE_HAZARDOUS)
    return _INSIDE if is_device and battery == Battery.INSIDE else named
