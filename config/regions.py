"""Which regions there are and where each keeps its data, read from the environment.

Without `REGIONS` there is one region without a name, and its stores are those whose variables have no suffix. With
`REGIONS=eu,us` every region names its own: `CLICKHOUSE_URL_EU`, `EVENT_LOG_URL_EU`, `REDIS_URL_EU`, and where words on
consent must not leave it either, `DATABASE_URL_EU`. A process that serves one region (`TRIBUTARY_REGION=eu`) is told of
that region's stores and of no others.
"""

from typing import NamedTuple

from config import env

STORES = ("CLICKHOUSE_URL", "EVENT_LOG_URL", "REDIS_URL")
CONSENT = "DATABASE_URL"


class Region(NamedTuple):
    """A region: what people call it, the addresses of its processes, and its stores where this process serves it."""

    title: str
    collect_url: str
    web_url: str
    event_log_url: str = ""
    redis_url: str = ""
    database: str = ""
    consent: str = "default"


class Regions(NamedTuple):
    """Every region in the order in which they are offered, and the one that this process serves; empty for all."""

    named: dict[str, Region]
    only: str
    databases: dict[str, dict[str, object]]
    consent: dict[str, dict[str, object]]


def read() -> Regions:
    """Return the regions. Raises SettingError where the variables do not fit together."""
    names, only = env.names("REGIONS"), env.text("TRIBUTARY_REGION", "").strip()
    if not names:
        if only:
            raise env.SettingError(f"TRIBUTARY_REGION is {only}, but REGIONS declares no region.")
        return Regions({}, "", {}, {})
    if only and only not in names:
        raise env.SettingError(f"TRIBUTARY_REGION must be one of {', '.join(names)}, not {only!r}.")
    for variable in ("CLICKHOUSE_URL", "EVENT_LOG_URL"):
        if env.is_set(variable):
            example = env.suffixed(variable, names[0])
            raise env.SettingError(f"With REGIONS, say whose store it is: {example} instead of {variable}.")
    served = [name for name in names if only in ("", name)]
    _refuse_shared(served)
    databases = {alias(name): env.database(env.suffixed("CLICKHOUSE_URL", name)) for name in served}
    own = [name for name in served if env.is_set(env.suffixed(CONSENT, name))]
    consent = {consent_alias(name): env.database(env.suffixed(CONSENT, name)) for name in own}
    named = {name: _region(name, is_served=name in served) for name in names}
    return Regions(named, only, databases, consent)


def alias(name: str) -> str:
    """Return the name that Django has for the ClickHouse of a region."""
    return f"clickhouse_{name}"


def consent_alias(name: str) -> str:
    """Return the name that Django has for the PostgreSQL in which a region keeps words on consent."""
    return f"consent_{name}"


def _region(name: str, *, is_served: bool) -> Region:
    shown = Region(
        title=env.text(env.suffixed("REGION_TITLE", name), name.upper()),
        collect_url=_address(env.suffixed("COLLECT_URL", name), env.text(env.suffixed("COLLECT_URL", name))),
        web_url=_address(env.suffixed("WEB_URL", name), env.text(env.suffixed("WEB_URL", name), ""), is_needed=False),
    )
    if not is_served:
        return shown
    return shown._replace(
        event_log_url=env.secret(env.suffixed("EVENT_LOG_URL", name)),
        redis_url=env.secret(env.suffixed("REDIS_URL", name)),
        database=alias(name),
        consent=consent_alias(name) if env.is_set(env.suffixed(CONSENT, name)) else "default",
    )


def _address(variable: str, url: str, *, is_needed: bool = True) -> str:
    """Return an address that people are sent to, without a slash at its end."""
    if (url or is_needed) and not url.startswith(("http://", "https://")):
        raise env.SettingError(f"{variable} must begin with http:// or https://, not {url[:60]!r}.")
    return url.rstrip("/")


def _refuse_shared(names: list[str]) -> None:
    """Refuse one store for two regions: what must not cross would lie side by side."""
    for variable in (*STORES, CONSENT):
        owners: dict[str, str] = {}
        for name in names:
            if variable == CONSENT and not env.is_set(env.suffixed(variable, name)):
                continue
            url = env.secret(env.suffixed(variable, name))
            # Who enters, and how, does not make it another store.
            place = url.rpartition("@")[2].partition("://")[2] or url.rpartition("@")[2]
            other = owners.setdefault(place.partition("?")[0].rstrip("/"), name)
            if other != name:
                both = f"{env.suffixed(variable, other)} and {env.suffixed(variable, name)}"
                raise env.SettingError(f"{both} name the same store: each region has its own.")
