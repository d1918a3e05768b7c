# mailguard as an image: two stages, slim, not root, root file system read-only at run time (see deploy/compose).
# Everything from PyPI comes from the lock files with their hashes.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv gcc libc6-dev python3-dev \
    && rm -rf /var/lib/apt/lists/*
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv /opt/mailguard && python3 -m venv /opt/build
WORKDIR /src
COPY requirements-run.lock requirements-build.lock ./
RUN /opt/mailguard/bin/pip install --require-hashes -r requirements-run.lock \
    && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md ./
COPY config config
COPY src src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /src/dist . \
    && /opt/mailguard/bin/pip install --no-deps /src/dist/*.whl \
    && /opt/mailguard/bin/python -m compileall -q -x olefile2 /opt/mailguard/lib \
    && rm -rf /opt/mailguard/lib/python3*/site-packages/pip /opt/mailguard/bin/pip*

FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        python3 ca-certificates tzdata libmagic1 libarchive13 catdoc antiword tesseract-ocr \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/mailguard --shell /usr/sbin/nologin mailguard \
    && install -d -o mailguard -g mailguard -m 0700 /var/lib/mailguard
COPY --from=build /opt/mailguard /opt/mailguard
ENV PATH=/opt/mailguard/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TMPDIR=/var/lib/mailguard
USER 10001:10001
WORKDIR /var/lib/mailguard
VOLUME /var/lib/mailguard
# Mail; figures and health. Both are what the configuration says.
EXPOSE 2525 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8025/healthz', timeout=4)"]
ENTRYPOINT ["mailguard"]
CMD ["run", "--config", "/etc/mailguard/mailguard.toml"]
