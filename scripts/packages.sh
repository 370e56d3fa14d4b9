# shellcheck shell=bash
# The Debian packages Gatehouse needs, each with a file or command that shows it is there.
# Sourced by build.sh, which only reports, and by setup.sh, which installs.

build_packages() {
    cat <<'LIST'
build-essential            g++
ca-certificates            /etc/ssl/certs/ca-certificates.crt
cmake                      cmake
ninja-build                ninja
pkg-config                 pkg-config
nginx                      nginx
nginx-dev                  /usr/share/nginx/src/configure
libboost-dev               /usr/include/boost/beast.hpp
libbrotli-dev              /usr/include/brotli/encode.h
libcurl4-openssl-dev       curl-config
libcli11-dev               /usr/include/CLI/CLI.hpp
libeigen3-dev              /usr/include/eigen3/Eigen/Core
libgtest-dev               /usr/include/gtest/gtest.h
libgmock-dev               /usr/include/gmock/gmock.h
libhowardhinnant-date-dev  /usr/include/date/tz.h
libjansson-dev             /usr/include/jansson.h
libmaxminddb-dev           /usr/share/doc/libmaxminddb-dev/copyright
libpcre2-dev               /usr/include/pcre2.h
libpq-dev                  /usr/include/postgresql/libpq-fe.h
libsqlite3-dev             /usr/include/sqlite3.h
libspdlog-dev              /usr/include/spdlog/spdlog.h
libssl-dev                 /usr/include/openssl/evp.h
libxxhash-dev              /usr/include/xxhash.h
libzstd-dev                /usr/include/zstd.h
nodejs                     node
npm                        npm
tzdata                     /usr/share/zoneinfo/Europe/Berlin
zlib1g-dev                 /usr/include/zlib.h
LIST
}

# What the tests run beside that.
test_packages() {
    cat <<'LIST'
brotli                     brotli
curl                       curl
logrotate                  logrotate
nghttp2-client             nghttp
openssl                    openssl
perl                       perl
postgresql                 /usr/share/doc/postgresql/copyright
procps                     pgrep
prometheus                 promtool
python3                    python3
python3-flask-cors         /usr/lib/python3/dist-packages/flask_cors/__init__.py
python3-flask-limiter      /usr/lib/python3/dist-packages/flask_limiter/__init__.py
python3-jwcrypto           /usr/lib/python3/dist-packages/jwcrypto/__init__.py
python3-jwt                /usr/lib/python3/dist-packages/jwt/__init__.py
python3-limits             /usr/lib/python3/dist-packages/limits/__init__.py
python3-numpy              /usr/lib/python3/dist-packages/numpy/__init__.py
python3-pandas             /usr/lib/python3/dist-packages/pandas/__init__.py
python3-prometheus-client  /usr/lib/python3/dist-packages/prometheus_client/__init__.py
python3-scipy              /usr/lib/python3/dist-packages/scipy/__init__.py
python3-sklearn            /usr/lib/python3/dist-packages/sklearn/__init__.py
sqlite3                    sqlite3
wrk                        wrk
zstd                       zstd
LIST
}

# What bench/run.sh measures with and against.
bench_packages() {
    cat <<'LIST'
gunicorn                   gunicorn
libbenchmark-dev           /usr/include/benchmark/benchmark.h
libopenblas0-pthread       /usr/share/doc/libopenblas0-pthread/copyright
linux-perf                 perf
python3-flask              /usr/lib/python3/dist-packages/flask/__init__.py
LIST
}

# What .ci/run checks with.
ci_packages() {
    cat <<'LIST'
clang-format               clang-format
clang-tidy                 clang-tidy
shellcheck                 shellcheck
LIST
}

# What t/fuzz is built with.
fuzz_packages() {
    cat <<'LIST'
clang                      clang++
libclang-rt-14-dev         /usr/share/doc/libclang-rt-14-dev
LIST
}

# missing_packages LIST_FUNCTION…: prints the packages whose file or command is not there.
missing_packages() {
    local package probe
    "$@" | while read -r package probe; do
        case $probe in
            /*) [[ -e $probe ]] || echo "$package" ;;
            *) PATH=$PATH:/usr/sbin:/sbin command -v "$probe" >/dev/null || echo "$package" ;;
        esac
    done
}

# third_party_missing ROOT: whether build/third_party holds something else than the lock file says.
third_party_missing() {
    ! cmp -s "$1/third_party/package-lock.json" "$1/build/third_party/package-lock.json" ||
        [[ ! -d $1/build/third_party/node_modules ]]
}

# give_back FOLDER: under sudo, what was made belongs to the user who called it.
give_back() {
    if ((EUID == 0)) && [[ ${SUDO_UID:-} && -d $1 ]]; then
        chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$1"
    fi
}
