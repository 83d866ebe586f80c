#!/bin/sh
# Becomes the process named by the first argument, so that it receives the container's signals itself.
set -eu
export TRIBUTARY_PROCESS="$1"
export PROMETHEUS_MULTIPROC_DIR="${PROMETHEUS_MULTIPROC_DIR:-/app/var/metrics}"
rm -rf "$PROMETHEUS_MULTIPROC_DIR"
mkdir -p "$PROMETHEUS_MULTIPROC_DIR"

case "$1" in
migrate)
    python manage.py migrate --no-input
    exec python manage.py migrate --no-input --database=clickhouse
    ;;
web) exec daphne -b 0.0.0.0 -p 8000 --no-server-name --application-close-timeout 2 config.asgi:application ;;
collect)
    exec granian --interface wsgi --http 1 --host 0.0.0.0 --port 8001 --workers "${COLLECT_WORKERS:-2}" \
        --respawn-failed-workers --backlog 4096 --backpressure 12288 --blocking-threads 256 \
        --http1-header-read-timeout 10000 --http1-buffer-size 65536 --no-access-log --no-ws config.wsgi:application
    ;;
writer) exec python manage.py write_events ;;
worker) exec celery --quiet -A config.celery:celery_app worker --loglevel=WARNING --concurrency="${WORKER_CONCURRENCY:-2}" ;;
beat) CELERY_SKIP_CHECKS=1 exec celery --quiet -A config.celery:celery_app beat --loglevel=WARNING --pidfile= ;;
manage) shift && exec python manage.py "$@" ;;
*)
    echo "entrypoint: no process named $1; there are migrate, web, collect, writer, worker, beat, manage" >&2
    exit 64
    ;;
esac
