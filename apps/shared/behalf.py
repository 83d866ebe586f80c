"""On whose behalf the code runs: what PostgreSQL's policies let it see, and which part of the figures it may read.

Nobody is the beginning, and nobody sees no row of any organization. Entry points say more: a page acts for a person,
then for the one organization it is about; a task for the organization of its property; the processes that serve the
whole installation (collect, writer, commands) for the system. `apps/shared/row_security.py` tells PostgreSQL,
`apps/shared/clickhouse.py` keeps the limits.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import ParamSpec, TypeVar

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class Limits:
    """The part of a property's figures that may be read: credit of these sources, in these countries; empty is all."""

    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.countries)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who the record names for what is done: a person, an API key, a task or a command, and from where."""

    kind: str = ""
    id: int = 0
    name: str = ""
    address: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Behalf:
    """Whose rows are visible: of one organization, of the organizations of one person, of all, or of none."""

    organization_id: int | None = None
    person_id: int | None = None
    is_system: bool = False
    limits: Limits = field(default_factory=Limits)
    actor: Actor = field(default_factory=Actor)


NOBODY = Behalf()
SYSTEM = Behalf(is_system=True, actor=Actor(kind="system"))

_process = [NOBODY]
_current: ContextVar[Behalf | None] = ContextVar("behalf", default=None)


def current() -> Behalf:
    """Return on whose behalf the code runs now."""
    return _current.get() or _process[0]


def serve_everybody() -> None:
    """Let this whole process act for the system: commands, the writer, collect. Never a process that shows pages."""
    _process[0] = SYSTEM


@contextmanager
def acting(behalf: Behalf) -> Iterator[None]:
    """Act on this behalf until the block ends, also where `become` changed it meanwhile."""
    token = _current.set(behalf)
    try:
        yield
    finally:
        _current.reset(token)


def become(behalf: Behalf) -> None:
    """Act on this behalf until the enclosing `acting` ends: the door of a page narrows what its middleware opened."""
    _current.set(behalf)


def of_system() -> Behalf:
    """Return the system, with the actor that is there now, so that the record still names who did it."""
    return replace(SYSTEM, actor=current().actor if current().actor.kind else SYSTEM.actor)


def as_system(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Have *function* act for the system, whoever calls it: for what is asked before anybody is anybody."""

    @wraps(function)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        with acting(of_system()):
            return function(*args, **kwargs)

    return asked


def of_person(person_id: int) -> Behalf:
    """Return a person in all of their organizations."""
    return Behalf(person_id=person_id, actor=current().actor)


def of_organization(organization_id: int, limits: Limits | None = None) -> Behalf:
    """Return one organization, with the limits of whoever acts for it."""
    return Behalf(organization_id=organization_id, limits=limits or Limits(), actor=current().actor)


def carried(parts: Iterable[Part]) -> Iterator[Part]:
    """Return *parts*, each made on the behalf that holds now: an answer that streams is read after its view is over."""
    return _made_for(current(), iter(parts))  # now, which the body of a generator is not


def _made_for(behalf: Behalf, iterator: Iterator[Part]) -> Iterator[Part]:
    while True:
        with acting(behalf):
            try:
                part = next(iterator)
            except StopIteration:
                return
        yield part
