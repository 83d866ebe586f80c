"""What an address such as `kafka://user:secret@one:9092,two:9092/events?partitions=12` says."""

import logging
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

_log = logging.getLogger("kafka")


class BadLogUrl(ValueError):
    """The address of the log cannot be understood."""


class KafkaAddress(NamedTuple):
    """Where a topic is, how a client comes in, and how the topic is made when it is missing."""

    client: dict[str, Any]
    topic: str
    partitions: int
    replication: int


def parse(url: str) -> KafkaAddress:
    """Return the parts of *url*. Raises BadLogUrl.

    `partitions` (12) and `replication` (-1: as the cluster says) are for a topic that does not exist yet; `tls=1`
    encrypts; a user is let in by SASL, by the `mechanism` SCRAM-SHA-512 unless another is named.
    """
    parts = urlsplit(url)
    credentials, _, servers = parts.netloc.rpartition("@")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    topic = parts.path.strip("/") or "events"
    if parts.scheme != "kafka" or not servers or "/" in topic:
        raise BadLogUrl("The log's address is kafka://host:port,host:port/topic.")
    try:
        partitions, replication = int(options.get("partitions", 12)), int(options.get("replication", -1))
    except ValueError:
        raise BadLogUrl("partitions and replication are whole numbers.") from None
    if not 1 <= partitions <= 10_000:
        raise BadLogUrl("A topic has 1 to 10000 partitions.")
    # The library's own words go where all others go, not past them to the terminal.
    client = {"bootstrap.servers": servers, "logger": _log, **_security(credentials, options)}
    return KafkaAddress(client, topic, partitions, replication)


def _security(credentials: str, options: dict[str, str]) -> dict[str, Any]:
    is_encrypted = options.get("tls", "0") in ("1", "true", "yes")
    if not credentials:
        return {"security.protocol": "ssl"} if is_encrypted else {}
    user, _, secret = credentials.partition(":")
    return {
        "security.protocol": "sasl_ssl" if is_encrypted else "sasl_plaintext",
        "sasl.mechanism": options.get("mechanism", "SCRAM-SHA-512"),
        "sasl.username": unquote(user),
        "sasl.password": unquote(secret),
    }
