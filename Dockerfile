# syntax=docker/dockerfile:1

# Debian's nginx in both stages: a module only loads into the nginx it was built for.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/packages.sh scripts/setup.sh scripts/
COPY third_party third_party
RUN scripts/setup.sh
COPY . .
RUN scripts/build.sh release \
    && DESTDIR=/out cmake --install build/release --prefix /usr --strip

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="Dashboard data, computed once, served by nginx from memory" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends \
        bash ca-certificates libbrotli1 libcurl4 libdate-tz3 libjansson4 libmaxminddb0 libpcre2-8-0 libpq5 \
        libspdlog1.10 libsqlite3-0 libssl3 libzstd1 nginx procps tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 gatehouse \
    && useradd --uid 10001 --gid gatehouse --no-create-home --shell /usr/sbin/nologin gatehouse \
    && install -d -o gatehouse -g gatehouse /run/gatehouse /var/lib/gatehouse \
    && install -d /etc/gatehouse/nginx
COPY --from=build /out/ /
COPY conf/docker/gatehouse.json conf/docker/nginx.conf /etc/gatehouse/
COPY conf/docker/default.conf /etc/gatehouse/nginx/
COPY --chmod=0755 conf/docker/entrypoint.sh /usr/local/bin/gatehouse-entrypoint

USER gatehouse
EXPOSE 8080
VOLUME ["/var/lib/gatehouse"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["gatehousectl", "-c", "/etc/gatehouse/gatehouse.json", "status"]
ENTRYPOINT ["gatehouse-entrypoint"]
