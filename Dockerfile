# The images of docker-compose.yml. Everything is fetched while they are built, nothing when they start.

FROM python:3.11.13-slim-bookworm AS base
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/xdegrees UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
# The dependencies by themselves, so that a change of the code does not install them again.
RUN uv sync --frozen --no-dev --no-install-project --extra map
COPY service service
COPY loaders loaders
COPY stores stores
COPY cypher cypher
RUN uv sync --frozen --no-dev --no-editable --extra map

FROM base AS base-models
RUN uv sync --frozen --no-dev --no-editable --extra map --extra models

# Answers: no torch, no compiler, nothing to write to but /data and /tmp.
FROM python:3.11.13-slim-bookworm AS service
RUN mkdir /data && chown 10001:10001 /data
COPY --from=base /opt/xdegrees /opt/xdegrees
ENV PATH=/opt/xdegrees/bin:$PATH PYTHONUNBUFFERED=1 XDEGREES_HOME=/data NUMBA_CACHE_DIR=/tmp/numba
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["xdegrees"]
CMD ["serve", "--host", "0.0.0.0"]

# Loads, and answers where pictures or words of visitors are to be embedded: the same with torch.
FROM service AS service-models
COPY --from=base-models /opt/xdegrees /opt/xdegrees

# GDS and APOC as the tests run them, with what they need; the server itself comes from its own image.
FROM maven:3.9.11-eclipse-temurin-17 AS plugins
COPY cypher/server/pom.xml /plugins/pom.xml
RUN mvn -q -B -f /plugins/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
    -DexcludeGroupIds=org.neo4j.client -DoutputDirectory=/plugins/jars

FROM neo4j:5.26.29-community AS neo4j
# Only what the server does not bring: the same release of it stands in the pom, so its files have the same names.
RUN --mount=type=bind,from=plugins,source=/plugins/jars,target=/jars \
    for jar in /jars/*.jar; do \
      [ -e "/var/lib/neo4j/lib/$(basename "$jar")" ] || install -m 444 "$jar" /var/lib/neo4j/plugins/; \
    done
