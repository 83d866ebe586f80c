"""`manage.py send_demo_events`: visitors of the demo shop, now, over HTTP, so that the live page moves."""

import random
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.orgs import api as orgs
from apps.reports.demo import company, live
from apps.reports.demo.sender import CollectUnreachable, Sent, send

_LONGEST = 3600
_MINUTE = 60.0


class Command(BaseCommand):
    """Sends until its time is over, or until Ctrl-C."""

    help = "Send a live stream of page views, clicks, sign-ups and orders of the demo shop to collect."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--rate", type=float, default=20.0, help="events a second (default 20)")
        parser.add_argument("--seconds", type=float, default=120.0, help=f"how long, at most {_LONGEST} (default 120)")
        parser.add_argument("--visitors", type=int, default=40, help="people in the shop at once (default 40)")
        parser.add_argument("--url", default=settings.COLLECT_URL, help="address of collect")
        parser.add_argument("--seed", type=int, default=None, help="makes the visitors repeatable")

    def handle(self, *_: Any, **options: Any) -> None:
        """Send, telling how it goes."""
        if not (0 < options["rate"] <= 2000 and 0 < options["seconds"] <= _LONGEST and options["visitors"] > 0):
            raise CommandError(
                f"--rate is up to 2000 events a second, --seconds up to {_LONGEST}, --visitors 1 or more."
            )
        shop = company.find_company(company.SHOP)
        if shop is None:
            raise CommandError("The demo shop is not there: run `manage.py load_demo` first.")
        keys = {stream.kind: stream.write_key for stream in orgs.streams_of(shop.id)}
        crowd = live.Crowd(random.Random(options["seed"]), options["visitors"])  # noqa: S311  no secret
        self.stdout.write(
            f"Sending {options['rate']:g} events a second for {options['seconds']:g} s to {options['url']}."
        )
        try:
            sent = send(
                collect_url=options["url"],
                write_keys=keys,
                crowd=crowd,
                rate=options["rate"],
                seconds=options["seconds"],
                tell=self._teller(options["rate"]),
            )
        except CollectUnreachable as error:
            raise CommandError(f"{error}. Is `make up` running?") from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
            return
        refused = ", ".join(f"{count} {reason}" for reason, count in sent.reasons.items())
        self.stdout.write(
            f"\n{sent.accepted} accepted, {sent.refused} not ({refused or 'none'}), {sent.clicks} clicks."
        )
        if sent.behind:
            self.stdout.write(f"{_behind(sent, options['rate'])}: this is all that collect and this sender can do.")

    def _teller(self, rate: float) -> Callable[[Sent, float], None]:
        """Return what tells how it goes: each step on a terminal, else each minute in which it is behind."""
        told_at = -_MINUTE

        def tell(sent: Sent, seconds: float) -> None:
            nonlocal told_at
            late = _behind(sent, rate) if sent.behind > rate else ""
            if sys.stdout.isatty():
                self.stdout.write(f"\r  {sent.events} events in {seconds:.0f} s. {late:60}", ending="")
                self.stdout.flush()
            elif late and seconds - told_at >= _MINUTE:
                told_at = seconds
                self.stdout.write(f"  {sent.events} events in {seconds:.0f} s. {late}")

        return tell


def _behind(sent: Sent, rate: float) -> str:
    return f"{sent.behind} events behind, which is {sent.behind / rate:.1f} s"
