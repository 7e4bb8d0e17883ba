# Mintcast in a container: `docker compose up --build --detach`. docs/docker.md tells the rest.

FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/mintcast
ENV PATH=/opt/build/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock .
RUN pip download --quiet --require-hashes --only-binary=:all: --dest /wheels \
        --requirement requirements.lock \
 && pip install --quiet --no-index --find-links /wheels hatchling
# Of what is locked, only what running takes, with PostgreSQL's driver and what a bucket needs: the
# build backend and the demo's packages stay here.
COPY pyproject.toml .
RUN python3 -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'], *(one for extra in ('postgres', 's3') for one in p['optional-dependencies'][extra]), sep='\n')" > wanted \
 && pip --python /opt/mintcast/bin/python install --quiet --no-index --find-links /wheels \
        --requirement wanted \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/mintcast/lib
# Our own code apart (under /own), so that an upgrade is a layer of two megabytes.
COPY . .
RUN pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
 && pip --python /opt/mintcast/bin/python install --quiet --no-index --find-links /wheels \
        --no-deps --root /own mintcast \
 && python3 -m compileall -q --invalidation-mode unchecked-hash -s /own /own/opt/mintcast/lib

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
 && groupadd --gid 10001 mintcast \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin mintcast \
 && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/mintcast /opt/mintcast
COPY --from=build /own/opt/mintcast /opt/mintcast
ENV PATH=/opt/mintcast/bin:$PATH LANG=C.UTF-8 PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1 \
    MINTCAST_HTTP__HOST=0.0.0.0 MINTCAST_HTTP__PORT=8080 \
    MINTCAST_STORAGE__DATABASE=/data/mintcast.db MINTCAST_STORAGE__CLIPS=/data/clips \
    MINTCAST_STORAGE__BACKUPS=/data/backups
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["python3", "-c", \
    "import http.client as h, os; c = h.HTTPConnection('127.0.0.1', int(os.environ['MINTCAST_HTTP__PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["mintcast"]
CMD ["run"]
