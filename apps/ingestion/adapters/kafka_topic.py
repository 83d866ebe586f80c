"""A topic of Kafka from the outside: how many partitions it has, how far its readers are, what waits in it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from apps.ingestion.adapters.kafka_url import KafkaAddress
from apps.ingestion.domain.ports import Entry, LogUnavailable


def group_of(address: KafkaAddress) -> str:
    """Return the name of the group of writers that share a topic."""
    return f"{address.topic}-writers"


_LAG_HOLDS = 1.0  # seconds: the writer asks after every block, and the answer costs a question for each partition


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn every failure of the cluster into one."""
    try:
        yield
    except (KafkaException, BufferError) as error:
        raise LogUnavailable(str(error)) from error


def entry(message: Message) -> Entry:
    """Return *message* as an entry of the log; its offset says the partition too."""
    return Entry(f"{message.partition()}:{message.offset()}", max(message.timestamp()[1], 0), message.value() or b"")


class KafkaTopic:
    """Looks at a topic without reading from it as one of its readers."""

    def __init__(self, address: KafkaAddress, *, timeout: float) -> None:
        self._address, self._timeout = address, timeout
        self._size = 0
        self._lag = (0.0, 0)
        self._looking = threading.Lock()
        self._looker: Consumer | None = None

    def ask(self) -> None:
        """Return when the cluster answers. Raises LogUnavailable."""
        with unavailable():
            AdminClient(self._address.client).list_topics(timeout=self._timeout)

    def partitions(self) -> int:
        """Return how many partitions the topic has; makes it when it is missing. Raises LogUnavailable."""
        if not self._size:
            with unavailable():
                self._size = self._found() or self._made()
        return self._size

    def lag(self) -> int:
        """Return how many entries are not committed. Raises LogUnavailable."""
        until, lag = self._lag
        if time.monotonic() < until:
            return lag
        with self._looking, unavailable():
            lag = sum(high - start for _, start, high in self._bounds())
        self._lag = (time.monotonic() + _LAG_HOLDS, lag)
        return lag

    def waiting(self, *, most: int) -> list[Entry]:
        """Return entries that are not committed, newest first, without taking them. Raises LogUnavailable."""
        with self._looking, unavailable():
            looker = self._consumer()
            bounds = [(at.partition, max(start, high - most), high) for at, start, high in self._bounds()]
            bounds = [bound for bound in bounds if bound[1] < bound[2]]
            looker.assign([TopicPartition(self._address.topic, part, start) for part, start, _ in bounds])
            try:
                found = self._read(looker, sum(high - start for _, start, high in bounds))
            finally:
                looker.unassign()
        return sorted(found, key=_age, reverse=True)[:most]

    def _read(self, looker: Consumer, count: int) -> list[Entry]:
        found: list[Entry] = []
        deadline = time.monotonic() + self._timeout
        while len(found) < count and time.monotonic() < deadline:
            found += [entry(message) for message in looker.consume(count - len(found), 0.2) if not message.error()]
        return found

    def _bounds(self) -> list[tuple[TopicPartition, int, int]]:
        """Return each partition with its first uncommitted offset and the one after its last."""
        looker = self._consumer()
        places = [TopicPartition(self._address.topic, number) for number in range(self.partitions())]
        bounds = []
        for at in looker.committed(places, timeout=self._timeout):
            low, high = looker.get_watermark_offsets(at, timeout=self._timeout)
            bounds.append((at, max(at.offset, low), high))
        return bounds

    def _consumer(self) -> Consumer:
        if self._looker is None:
            self._looker = Consumer(
                {**self._address.client, "group.id": group_of(self._address), "enable.auto.commit": False}
            )
        return self._looker

    def _found(self) -> int:
        topic = self._address.topic
        known = AdminClient(self._address.client).list_topics(topic, timeout=self._timeout).topics[topic]
        return 0 if known.error else len(known.partitions)

    def _made(self) -> int:
        wanted = NewTopic(self._address.topic, self._address.partitions, self._address.replication)
        future = AdminClient(self._address.client).create_topics([wanted], operation_timeout=self._timeout)
        try:
            future[self._address.topic].result(self._timeout)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            return self._found()
        return self._address.partitions


def _age(one: Entry) -> tuple[int, int]:
    return one.logged_at, int(one.offset.partition(":")[2])
