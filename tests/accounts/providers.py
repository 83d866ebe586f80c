"""Identity providers that others wrote, run for a test."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.http import HttpResponse
from django.test import Client

from apps.shared.local.ports import free_port
from tests.packages import install_node_packages

NODE = Path(__file__).parent / "node"


class Provider:
    """A provider that runs at `address`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.host = f"127.0.0.1:{port}"

    def act_as(self, **person: Any) -> None:
        """Have everybody who comes be this person."""
        httpx.post(f"{self.address}/act-as", json=person).raise_for_status()


@contextmanager
def running(script: str, *arguments: str) -> Iterator[Provider]:
    """Run a provider's script under Node until the block ends."""
    install_node_packages(NODE)
    port = free_port()
    command = ["node", str(NODE / script), str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        while "ready" not in (line := process.stdout.readline()):
            said.append(line)
            assert line, f"{script} did not start: {said}"
        try:
            yield Provider(port)
        finally:
            process.kill()


def way_to_provider(client: Client, email: str, onward: str = "/?all=1") -> str:
    """Enter a work address and return where the page leads."""
    page = client.post("/accounts/sso/", {"email": email, "next": onward})
    assert page.status_code == 200, page.content.decode()
    return str(page.context["way"])


def through_oidc(client: Client, way: str, change: Callable[[str], str] = str) -> HttpResponse:
    """Go to an OpenID provider as a browser does, and come back with the code that it gave."""
    with httpx.Client() as browser:
        answer = browser.get(way)
        while answer.is_redirect and "testserver" not in answer.headers["location"]:
            answer = browser.get(httpx.URL(str(answer.url)).join(answer.headers["location"]))
    back = urlsplit(change(answer.headers["location"]))
    return client.get(f"{back.path}?{back.query}")  # type: ignore[return-value]


def saml_response(way: str) -> dict[str, str]:
    """Go to a SAML provider and return the form that it would have the browser send to us."""
    page = httpx.get(way).raise_for_status().text
    fields = dict(re.findall(r'name="(\w+)"\s+value="([^"]*)"', page))
    return {name: value.replace("&#43;", "+").replace("&#x2b;", "+") for name, value in fields.items()}


def post_saml(client: Client, path: str, fields: dict[str, str]) -> HttpResponse:
    """Send a SAML response to our address and go where that leads, up to the page or the redirect at its end."""
    answer = client.post(path, fields)
    return client.get(answer.headers["Location"]) if answer.status_code == 302 else answer  # type: ignore[return-value]


def a_browser() -> Client:
    """Return a client that says which host it asks, as every browser does."""
    return Client(headers={"host": "testserver"})
