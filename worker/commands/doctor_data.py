"""The doctor's check of data that age."""

from __future__ import annotations

from datetime import date

from worker.commands.doctor_storage import Limited
from worker.config import Settings


def check_dated_data(settings: Settings, on: date | None = None) -> str | Limited:
    """Name the data that are out of date or soon will be; a worker can go on with them.

    Args:
        on: the day; today if it is not given.
    """
    # Only this check needs them, and they take a while to import.
    from crowdsky.measuring.dated_data import dated_data, today
    from crowdsky.measuring.instruments import open_instruments

    instruments = open_instruments(settings.recipe.asking(()))
    tycho = () if instruments.catalogue is None else (instruments.catalogue,)
    found = dated_data((*tycho, *instruments.better))
    day = on or today()
    due = [data for data in found if data.is_due(day)]
    if not due:
        first = found[0]
        return f"all good for a while; the first to end are the {first.name}, on {first.until}"
    ends = [f"{data.name}: until {data.until}, then {data.afterwards}" for data in due]
    return Limited(f"{'; '.join(ends)}; to renew it, update CrowdSky (docs/ageing.md)")
