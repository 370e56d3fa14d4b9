// What is checked, and how it is told: part of the configuration's plain values (types.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::config {

/// From a run of the cron expression on, for so long.
struct Maintenance {
    std::string cron;
    std::string tz = "UTC";
    std::chrono::milliseconds duration{0};

    bool operator==(const Maintenance&) const = default;
};

/// Of kind http.
struct HttpCheck {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  ///< sent; values may be secrets
    std::vector<std::pair<unsigned, unsigned>> status;         ///< ranges that are good
    std::vector<std::pair<std::string, std::string>> expect_headers;  ///< name, value
    std::string contains;                                             ///< of the body; empty: any
    std::string matches;                                              ///< regular expression
    std::vector<std::pair<std::string, std::string>> json;  ///< pointer, JSON text of its value
    std::string ca_file;                                    ///< empty: the system's

    bool operator==(const HttpCheck&) const = default;
};

/// One thing that is looked at again and again. `kind` is a row of health/registry; which of the
/// others count says docs/checks.md.
struct Check {
    std::string name;
    std::string kind;
    std::string severity = "degrading";  ///< info, degrading, critical
    std::chrono::milliseconds interval{60'000};
    std::chrono::milliseconds timeout{5'000};
    unsigned fails = 1;                    ///< in a row until it is down
    unsigned passes = 1;                   ///< in a row until it is up again
    std::chrono::milliseconds grace{0};    ///< after the start failing does not count
    std::vector<std::string> depends_on;   ///< checks without which it cannot be up
    std::vector<Maintenance> maintenance;  ///< while one lasts, failing does not count
    std::optional<std::chrono::milliseconds> warn_after, fail_after;  ///< latency

    HttpCheck http;
    std::string address;                               ///< "HOST:PORT" of tcp, tls, redis
    bool allow_private = false;                        ///< of http, tcp, tls, redis
    std::string server_name;                           ///< of tls; empty: the host
    std::string ca_file;                               ///< of tls
    std::string password;                              ///< of redis
    std::string source;                                ///< of postgres, sqlite: a source's name
    std::string url;                                   ///< of postgres, without a source; a secret
    std::string path;                                  ///< of sqlite, file, directory, disk
    std::vector<std::string> files;                    ///< of directory
    std::optional<std::chrono::milliseconds> max_age;  ///< of file, card
    std::uint64_t min_size = 0;                        ///< of file: bytes
    std::uint64_t min_rows = 0;                        ///< of card
    std::string card;                                  ///< of card; "*": all of them
    std::string pid_file, process;                     ///< of process: either
    std::optional<double> warn, fail;                  ///< limits of the value: percent, or days
    unsigned min_workers = 1;                          ///< of edge
    bool integrity = false;                            ///< of sqlite: read it all
    std::vector<std::string> command;                  ///< of exec

    bool operator==(const Check&) const = default;
};

struct Health {
    std::string app_version;                       ///< what answers call "version"; empty: ours
    unsigned workers = 4;                          ///< checks at once
    std::chrono::milliseconds down_after{60'000};  ///< without the sidecar; 0: never
    bool allow_exec = false;
    std::map<std::string, std::string> profiles;  ///< JSON text, by name

    bool operator==(const Health&) const = default;
};

}  // namespace gatehouse::config
