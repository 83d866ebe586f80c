"""The four stores of the test run, through the drivers that the product uses."""

import os

import pytest
import redis
from django.db import connection, connections

from apps.orgs.models import User


@pytest.mark.django_db
def test_postgres_answers_from_this_workers_own_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
        )
        answer = cursor.fetchone()

    assert answer == (os.environ["TEST_CORNER"], "tributary_app", False)


@pytest.mark.django_db
def test_migrated_tables_are_there_and_empty() -> None:
    assert list(User.objects.all()) == []


def test_clickhouse_answers_from_this_workers_own_database(clickhouse: None) -> None:
    with connections["clickhouse"].cursor() as cursor:
        cursor.execute("SELECT currentDatabase()")
        answer = cursor.fetchone()

    assert answer == (os.environ["TEST_CORNER"],)


@pytest.mark.parametrize(
    ("variable", "fsync", "eviction"),
    [("REDIS_URL", "everysec", "volatile-lru"), ("EVENT_LOG_URL", "always", "noeviction")],
)
def test_valkey_keeps_what_its_role_promises(valkey: None, variable: str, fsync: str, eviction: str) -> None:
    client = redis.Redis.from_url("redis://" + os.environ[variable].partition("://")[2], decode_responses=True)

    kept = client.config_get("append*", "maxmemory-policy")

    assert (kept["appendonly"], kept["appendfsync"], kept["maxmemory-policy"]) == ("yes", fsync, eviction)
