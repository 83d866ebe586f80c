"""The event log on Kafka: an entry for each request and partition, acknowledged by every replica in sync.

Readers share the partitions; whoever leaves or dies hands its own over, and the others go on with theirs
(cooperative). Entries stay until the topic's retention ends: committing only moves the place where reading goes on.
"""

import threading
from collections.abc import Sequence
from functools import cached_property

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from apps.ingestion.adapters import kafka_url
from apps.ingestion.adapters.kafka_topic import KafkaTopic, entry, group_of, unavailable
from apps.ingestion.domain.marks import Place
from apps.ingestion.domain.ports import Entry, LogUnavailable

_SESSION = 6_000  # milliseconds after which a silent reader's partitions go to the others
_Key = tuple[int, int]  # a partition and an offset in it
_MORE = 0.002  # seconds in which what has come already is gathered


class KafkaLog:
    """Appends and reads. Appending is safe to share between threads; a reader belongs to one."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self._address, self._timeout = kafka_url.parse(url), timeout
        self._topic = KafkaTopic(self._address, timeout=timeout)
        # What was read and is not committed, in the order of reading, by partition and offset.
        self._kept: dict[_Key, Entry] = {}
        # By partition that came: the offset from which on nobody can have read before. None: not known yet.
        self._unread: dict[int, int | None] = {}
        self._again = self.is_rereading = self._has_gained = self._is_closed = False

    @property
    def partitions(self) -> int:
        """Return how many partitions there are. Raises LogUnavailable."""
        return self._topic.partitions()

    def ask(self) -> None:
        """Return when the cluster answers. Raises LogUnavailable."""
        self._topic.ask()

    def append(self, body: bytes, *, partition: int = 0) -> str:
        """Return the offset of *body* once every replica has it. Raises LogUnavailable."""
        return self.append_many([(partition, body)])[0]

    def append_first(self, body: bytes, *, click: str, value: str, milliseconds: int) -> None:
        """Do nothing: a topic has no place for names."""

    def append_many(self, parts: Sequence[tuple[int, bytes]]) -> list[str]:
        """Return the offsets of bodies with their partitions, once every replica has all of them."""
        self._topic.partitions()  # makes the topic: brokers would make it with one partition
        waiters = [_Waiter() for _ in parts]
        with unavailable():
            for (partition, body), waiter in zip(parts, waiters, strict=True):
                self._producer.produce(self._address.topic, body, partition=partition, on_delivery=waiter)
        return [waiter.offset(self._timeout + 1) for waiter in waiters]

    def read(self, *, most: int, wait: float) -> list[Entry]:
        """Return the next entries of the partitions that are this reader's.

        After a failure all that was read and not committed comes first, as one: a block keeps its bounds, and with
        them its token, so that an insert that is still under way is not repeated.
        """
        self.is_rereading = False
        if self._again:
            self._again = False
            self._stay()
            if self._kept:
                self.is_rereading = True
                return list(self._kept.values())
        with unavailable():
            self._bound()
            first = self._consumer.poll(wait)
            if first is None:
                return []
            messages = [first, *(self._consumer.consume(most - 1, _MORE) if most > 1 else ())]
        found = [_checked(message) for message in messages]
        entries = [one for one in found if one is not None]
        self._kept.update((_key(one.offset), one) for one in entries)
        return entries

    def commit(self, offsets: Sequence[str]) -> None:
        """Go on behind the entries at *offsets* next time; those before them that are open hold the place."""
        behind: dict[int, int] = {}
        for partition, offset in map(_key, offsets):
            if self._kept.pop((partition, offset), None) is not None:  # else the partition is another reader's by now
                behind[partition] = max(behind.get(partition, 0), offset + 1)
        for partition, offset in self._kept:
            if partition in behind:
                behind[partition] = min(behind[partition], offset)
        for partition, offset in behind.items():
            if (unread := self._unread.get(partition)) is not None and offset >= unread:
                del self._unread[partition]
        if behind:
            places = [TopicPartition(self._address.topic, *place) for place in behind.items()]
            with unavailable():
                self._consumer.commit(offsets=places, asynchronous=False)

    def rewind(self) -> None:
        """Read again what was read and not committed."""
        self._again = True

    def hold(self) -> bool:
        """Tell whether this reader may read: each one may, its own partitions."""
        with unavailable():
            return self._consumer is not None

    def has_gained(self) -> bool:
        """Tell, once, whether partitions came that another reader had before."""
        gained, self._has_gained = self._has_gained, False
        return gained

    def may_repeat(self, entries: Sequence[Entry]) -> bool:
        """Tell whether some of *entries* may have their end: they were on the log when their partition came here."""
        return self.is_rereading or bool(self._unread and any(map(self._may_be_read, entries)))

    def places(self, entries: Sequence[Entry]) -> list[Place]:
        """Return the partition of each of *entries*, and its offset there."""
        keys = [_key(one.offset) for one in entries]
        return [Place(str(share), number, one.logged_at) for (share, number), one in zip(keys, entries, strict=True)]

    def lag(self) -> int:
        """Return the number of entries that no reader has committed."""
        return self._topic.lag()

    def waiting(self, *, most: int) -> list[Entry]:
        """Return entries that are not committed, newest first, without taking them."""
        return self._topic.waiting(most=most)

    def close(self) -> None:
        """Leave the group at once, so that others take over without waiting."""
        self._is_closed = True
        if "_consumer" in self.__dict__:
            self._consumer.close()
            del self.__dict__["_consumer"]
        self._kept.clear()
        self._unread.clear()

    def _stay(self) -> None:
        """Tell the group that this reader lives, and hear of partitions that went, without reading on."""
        with unavailable():
            own = self._consumer.assignment()
            self._consumer.pause(own)
            message = self._consumer.poll(0)
            self._consumer.resume(self._consumer.assignment())
        if message is not None and (one := _checked(message)) is not None:
            self._kept[_key(one.offset)] = one

    @cached_property
    def _producer(self) -> Producer:
        producer = Producer(
            {
                **self._address.client,
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 1,
                "compression.type": "lz4",
                "message.timeout.ms": int(self._timeout * 1000),
            }
        )
        threading.Thread(target=self._serve, args=(producer,), name="kafka-answers", daemon=True).start()
        return producer

    def _serve(self, producer: Producer) -> None:
        """Hand over answers as they come."""
        while not self._is_closed:
            producer.poll(0.5)

    @cached_property
    def _consumer(self) -> Consumer:
        self._topic.partitions()
        consumer = Consumer(
            {
                **self._address.client,
                "group.id": group_of(self._address),
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": _SESSION,
                "heartbeat.interval.ms": _SESSION // 3,
            }
        )
        consumer.subscribe([self._address.topic], on_assign=self._gain, on_revoke=self._lose, on_lost=self._lose)
        return consumer

    def _gain(self, _consumer: Consumer, places: list[TopicPartition]) -> None:
        self._has_gained = self._has_gained or bool(places)
        self._unread.update(dict.fromkeys([place.partition for place in places]))

    def _bound(self) -> None:
        """Ask where the partitions that came end now: whoever had one before has read no further."""
        for partition in [one for one, offset in self._unread.items() if offset is None]:
            place = TopicPartition(self._address.topic, partition)
            _, self._unread[partition] = self._consumer.get_watermark_offsets(place, timeout=self._timeout)

    def _may_be_read(self, one: Entry) -> bool:
        partition, offset = _key(one.offset)
        unread = self._unread.get(partition, 0)
        return unread is None or offset < unread

    def _lose(self, _consumer: Consumer, places: list[TopicPartition]) -> None:
        gone = {place.partition for place in places}
        self._unread = {partition: offset for partition, offset in self._unread.items() if partition not in gone}
        self._kept = {place: one for place, one in self._kept.items() if place[0] not in gone}


class _Waiter:
    """Hears what became of one message."""

    def __init__(self) -> None:
        self._is_told = threading.Event()
        self._error: KafkaError | None = None
        self._offset = ""

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self._error, self._offset = error, f"{message.partition()}:{message.offset()}"
        self._is_told.set()

    def offset(self, timeout: float) -> str:
        """Return the offset. Raises LogUnavailable."""
        if not self._is_told.wait(timeout):
            raise LogUnavailable("The log does not answer.")
        if self._error is not None:
            raise LogUnavailable(str(self._error))
        return self._offset


def _checked(message: Message) -> Entry | None:
    error = message.error()
    if error is None:
        return entry(message)
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  the library's name for the end of a partition
        return None
    raise LogUnavailable(str(error))


def _key(offset: str) -> _Key:
    partition, _, number = offset.partition(":")
    return int(partition), int(number)
