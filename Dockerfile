FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/imacflow
# Or requirements-tracing.txt, for OpenTelemetry.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-tracing.txt /src/
RUN /opt/imacflow/bin/pip install --require-hashes -r /src/$REQUIREMENTS
COPY . /src
RUN /opt/imacflow/bin/pip install --no-deps --no-build-isolation /src

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin imacflow \
    && install --directory --owner=imacflow --mode=0700 /var/lib/imacflow
COPY --from=build /opt/imacflow /opt/imacflow
ENV PATH=/opt/imacflow/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONTZPATH= \
    IMAC_DATA_DIR=/var/lib/imacflow \
    IMAC_API_HOST=0.0.0.0
WORKDIR /var/lib/imacflow
USER imacflow
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
ENTRYPOINT ["imac"]
CMD ["api"]
