// The sidecar's configuration as plain values, after every check: what the rest of the sidecar
// reads. Every area may include this file; of the sidecar it includes base/ alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/parameter.h"
#include "sidecar/config/alerts.h"
#include "sidecar/config/health.h"
#include "sidecar/config/history.h"
#include "sidecar/config/reports.h"

namespace gatehouse::sidecar {
class Document;
}

namespace gatehouse::config {

using Milliseconds = std::chrono::milliseconds;

struct Link {
    std::string socket = "/run/gatehouse/link.sock";
    unsigned mode = 0660;
    std::string group;  ///< group of the socket file; empty: the sidecar's own
    std::vector<std::string>
        users;  ///< users that may connect beside root, ourselves and the group

    bool operator==(const Link&) const = default;
};

struct Control {
    std::string socket = "/run/gatehouse/control.sock";
    unsigned mode = 0600;

    bool operator==(const Control&) const = default;
};

/// What nginx proxies to.
struct Api {
    std::string socket = "/run/gatehouse/api.sock";  ///< empty: none
    unsigned mode = 0660;
    std::string group;  ///< group of the socket file; empty: the link's

    bool operator==(const Api&) const = default;
};

struct Board {
    std::string file = "/var/lib/gatehouse/board";  ///< empty: off
    std::uint64_t memory_limit = 256u << 20;        ///< bytes of all snapshots together

    bool operator==(const Board&) const = default;
};

struct Engine {
    std::uint64_t memory_limit = 1u << 30;   ///< bytes, DuckDB's own limit
    std::uint64_t process_memory_limit = 0;  ///< bytes of the whole process, snapshots aside
    unsigned threads = 2;                    ///< DuckDB's threads for one query
    unsigned workers = 2;                    ///< computations at once
    std::string temp_directory;  ///< where larger-than-memory queries spill; empty: never

    bool operator==(const Engine&) const = default;
};

struct CsvOptions {
    std::optional<std::string> delimiter, quote, escape, decimal, dateformat, timestampformat,
        encoding;
    std::optional<bool> header, ignore_errors;
    bool append = false;  ///< the file only ever grows
    std::optional<std::uint64_t> skip;
    std::vector<std::string> null_strings;

    bool operator==(const CsvOptions&) const = default;
};

/// What only sources of kind http have.
struct HttpOptions {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;  ///< name, value
    std::string bearer;                                        ///< empty: none
    std::string rows;                                          ///< JSON pointer
    std::string ca_file;                                       ///< empty: the system's
    bool allow_private = false;
    unsigned redirects = 0;
    Milliseconds every{60'000};
    Milliseconds max_interval{600'000};
    Milliseconds timeout{10'000};
    std::uint64_t max_size = 16u << 20;  ///< bytes of a document, decoded

    bool operator==(const HttpOptions&) const = default;
};

/// Of the kinds sqlite and postgres.
struct DatabaseOptions {
    std::string url;           ///< of postgres; a secret
    std::string table, query;  ///< what the source's own name stands for; at most one is set
    std::string notify;        ///< of postgres: the channel that tells of changes; empty: none
    std::string application_name = "gatehouse";
    std::uint64_t pool_size = 5;
    std::uint64_t max_overflow = 10;
    Milliseconds pool_timeout{30'000};
    Milliseconds recycle{0};  ///< 0: never
    bool pre_ping = true;
    Milliseconds connect_timeout{10'000};
    Milliseconds statement_timeout{0};  ///< 0: the card's timeout alone
    Milliseconds busy_timeout{5'000};   ///< of sqlite

    bool operator==(const DatabaseOptions&) const = default;
};

struct Source {
    std::string name;
    std::string kind;                ///< a row of sources/registry, or sqlite, postgres, caches,
                                     ///< history
    std::vector<std::string> paths;  ///< absolute; may be globs, but for sqlite
    bool watch = true;
    CsvOptions csv;
    std::optional<std::string> json_format;
    std::vector<std::pair<std::string, std::string>>
        columns;  ///< all columns, in order: name, SQL type
    std::vector<std::pair<std::string, std::string>> types;  ///< overrides of some columns' types
    std::optional<bool> union_by_name, filename;
    bool runs = false;                      ///< of a dataset: a series of runs
    std::optional<std::uint64_t> max_size;  ///< of a dataset: bytes of one upload
    HttpOptions http;
    std::shared_ptr<sidecar::Document> document;  ///< of kind http, once it is in use
    DatabaseOptions database;
    std::optional<bool> hive_partitioning;  ///< of directories called column=value
    std::vector<std::pair<std::string, std::string>>
        hive_types;      ///< of the columns they stand for: name, SQL type
    bool cache = false;  ///< its table is kept as Parquet
    HistorySource history;

    bool operator==(const Source&) const = default;
};

struct OnChange {
    bool operator==(const OnChange&) const = default;
};
struct Every {
    Milliseconds interval;

    bool operator==(const Every&) const = default;
};
/// Five-field cron in an IANA time zone.
struct Cron {
    std::string expression;
    std::string tz = "UTC";

    bool operator==(const Cron&) const = default;
};
/// When somebody asks: each set of parameters is a variant of the card, with an answer of its own.
struct OnDemand {
    bool operator==(const OnDemand&) const = default;
};
using Refresh = std::variant<OnChange, Every, Cron, OnDemand>;

/// What a request may ask of a card's rows beside its parameters.
struct QueryOptions {
    bool fields = false;  ///< fields=a,b: these columns
    bool filter = false;  ///< filter=a>=1,b=x: these rows
    bool sort = false;    ///< sort=-a,b: in this order
    bool limit = false;   ///< limit=n: so many
    bool cursor = false;  ///< cursor=…: those after what the last answer ended with
    bool points = false;  ///< points=n: of the card's step "downsample"

    bool any() const noexcept { return fields || filter || sort || limit || cursor || points; }
    bool operator==(const QueryOptions&) const = default;
};

/// One transformation of a card's table; `name` is a row of steps/registry.
struct Step {
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    std::string name;
    std::map<std::string, std::string> text{};                          ///< string options
    std::map<std::string, double> number{};                             ///< numeric options
    std::map<std::string, bool> flag{};                                 ///< boolean options
    std::map<std::string, std::vector<std::string>> names{};            ///< lists of strings
    std::map<std::string, std::vector<double>> numbers{};               ///< lists of numbers
    std::vector<std::pair<std::string, Pairs>> values{};                ///< "values" of aggregate
    std::vector<std::pair<std::string, std::vector<Step>>> branches{};  ///< of parts, in order

    bool operator==(const Step&) const = default;
};

/// JSON around the JSON form of a card.
struct Envelope {
    std::string before, after;

    bool operator==(const Envelope&) const = default;
};

enum class Shape { records, columns, series, object, value };

struct Card {
    std::string name;
    std::string path;
    std::string sql;
    std::vector<std::string> sources;  ///< names of the sources it reads
    std::vector<sidecar::Parameter> params;
    std::string run;  ///< the parameter that names the run whose rows NAME_rows has; empty: all
    QueryOptions query;
    bool empty_is_not_found = false;  ///< an answer without rows is 404
    std::string key;                  ///< a column that tells rows apart, for cursors
    std::vector<std::string> cards;   ///< names of the cards it reads
    std::vector<Step> steps;
    Shape shape = Shape::records;
    std::optional<Envelope> envelope;
    std::vector<std::string> formats = {"json", "columns", "csv", "ndjson"};
    Refresh refresh = OnChange{};
    Milliseconds max_age{60'000};
    std::optional<Milliseconds> ttl;  ///< of what was computed on demand, in place of max_age
    std::optional<Milliseconds> stale;
    Milliseconds timeout{60'000};
    std::uint64_t max_rows = 500'000;
    std::vector<std::string> require;  ///< scopes the caller must have
    std::string cache_control;         ///< complete header value
    bool compress = true;
    std::string origin;  ///< file:line where it is declared, for messages

    /// Whether it is computed when somebody asks, and never by itself.
    bool on_demand() const noexcept { return std::holds_alternative<OnDemand>(refresh); }

    /// Whether requests may differ in more than the format.
    bool has_variants() const noexcept { return on_demand() || query.any(); }

    bool operator==(const Card&) const = default;
};

/// Bounds of what is computed when somebody asks, all cards together.
struct OnDemandLimits {
    std::uint64_t memory_limit = 64u << 20;  ///< bytes of the answers kept
    std::uint64_t max_variants = 10'000;     ///< answers kept
    std::uint64_t max_waiting = 256;         ///< answers being computed, or waiting for it
    Milliseconds keep_errors{1'000};         ///< for so long a failure is not tried again

    bool operator==(const OnDemandLimits&) const = default;
};

/// What must not be forgotten. Neither: nothing is kept.
struct State {
    std::string path;  ///< of the database
    std::string url;   ///< of a PostgreSQL database, for runs of datasets

    bool operator==(const State&) const = default;
};

/// Of sources of kind dataset.
struct Datasets {
    std::string directory = "/var/lib/gatehouse/datasets";
    std::uint64_t max_size = 1u << 30;  ///< bytes of one upload, where the source says nothing

    bool operator==(const Datasets&) const = default;
};

/// Of sources with `cache`.
struct Caches {
    std::string directory = "/var/lib/gatehouse/cache";

    bool operator==(const Caches&) const = default;
};

struct Tokens {
    Milliseconds default_expiry = std::chrono::hours{24 * 90};
    std::optional<Milliseconds> max_expiry;
    Milliseconds overlap = std::chrono::hours{24};  ///< of the secrets of a rotated token

    bool operator==(const Tokens&) const = default;
};

/// A key set that is fetched.
struct Jwks {
    std::string name;
    std::string url;
    std::string ca_file;  ///< empty: the system's
    bool allow_private = false;
    Milliseconds timeout{5'000};
    Milliseconds min_interval = std::chrono::minutes{5};
    Milliseconds max_interval = std::chrono::hours{24};

    bool operator==(const Jwks&) const = default;
};

struct Identity {
    Tokens tokens;
    std::map<std::string, Jwks> jwks;  ///< by name

    bool operator==(const Identity&) const = default;
};

struct Audit {
    std::string file;  ///< empty: none
    unsigned mode = 0640;
    std::uint64_t rotate_size = 100u << 20;  ///< bytes; 0: never
    unsigned keep = 10;                      ///< renamed files
    std::string syslog;                      ///< "unix:/PATH" or "udp:ADDRESS:PORT"; empty: none
    std::string key;                         ///< empty: the content of key_file
    std::string key_file = "/var/lib/gatehouse/audit.key";
    std::string state = "/var/lib/gatehouse/audit.state";

    bool is_on() const noexcept { return !file.empty() || !syslog.empty(); }
    bool operator==(const Audit&) const = default;
};

struct Config {
    std::string file;  ///< absolute path of the main file
    Link link;
    Control control;
    Api api;
    Board board;
    Engine engine;
    std::map<std::string, Source> sources;
    std::map<std::string, Card> cards;
    OnDemandLimits on_demand;
    State state;
    Datasets datasets;
    Identity identity;
    Audit audit;
    std::map<std::string, Check> checks;
    Health health;
    History history;
    Alerts alerts;
    Log log;
    Sentry sentry;
    std::vector<OwnMetric> metrics;
    std::set<std::string> secrets;  ///< JSON pointers of values never to be shown
    Caches caches;
};

}  // namespace gatehouse::config
