# Unproven: no container engine runs where this is built; nobody has built this image yet.
# The web chat listens on this machine alone (there is no sign-in for others yet), so run it in the host's network:
#   docker build -t touchstone . && docker run --network host -v touchstone:/data touchstone
FROM python:3.11-slim-bookworm

RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home touchstone \
 && install -d -o touchstone /app /data
WORKDIR /app
USER touchstone
COPY --chown=touchstone requirements/serve.lock requirements/serve.lock
COPY --chown=touchstone Makefile pyproject.toml README.md LICENSE ./
COPY --chown=touchstone knowledge knowledge
COPY --chown=touchstone index index
COPY --chown=touchstone bot bot
COPY --chown=touchstone integrations integrations
RUN make setup
ENV TOUCHSTONE_VAR=/data
VOLUME /data
CMD [".venv/bin/touchstone", "serve"]
