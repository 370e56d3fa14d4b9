#include "sidecar/config/build.h"

#include "sidecar/base/units.h"
#include "sidecar/config/build_alerts.h"
#include "sidecar/config/build_card.h"
#include "sidecar/config/build_health.h"
#include "sidecar/config/build_history.h"
#include "sidecar/config/build_reports.h"
#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

/// DuckDB's buffers, as much again for what it does not count and for the rows it yields, and every
/// format and encoding of one card a worker.
std::uint64_t default_process_memory(const Engine& engine)
{
    return 2 * engine.memory_limit + engine.workers * (std::uint64_t{256} << 20);
}

class Builder {
public:
    explicit Builder(const std::string& directory) : directory_(directory) {}

    Link link(const Node* node) const
    {
        Link out;
        path(find(node, "socket"), out.socket);
        read_mode(find(node, "mode"), out.mode);
        read(find(node, "group"), out.group);
        read(find(node, "users"), out.users);
        return out;
    }

    Control control(const Node* node) const
    {
        Control out;
        path(find(node, "socket"), out.socket);
        read_mode(find(node, "mode"), out.mode);
        return out;
    }

    Api api(const Node* node) const
    {
        Api out;
        if (text_of(find(node, "socket")) == "off") {
            out.socket.clear();
        } else {
            path(find(node, "socket"), out.socket);
        }
        read_mode(find(node, "mode"), out.mode);
        read(find(node, "group"), out.group);
        return out;
    }

    Board board(const Node* node) const
    {
        Board out;
        if (text_of(find(node, "file")) == "off") {
            out.file.clear();
        } else {
            path(find(node, "file"), out.file);
        }
        read_size(find(node, "memory_limit"), out.memory_limit);
        return out;
    }

    Engine engine(const Node* node) const
    {
        Engine out;
        read_size(find(node, "memory_limit"), out.memory_limit);
        read(find(node, "threads"), out.threads);
        read(find(node, "workers"), out.workers);
        out.process_memory_limit = default_process_memory(out);
        read_size(find(node, "process_memory_limit"), out.process_memory_limit);
        path(find(node, "temp_directory"), out.temp_directory);
        return out;
    }

    static OnDemandLimits on_demand(const Node* node)
    {
        OnDemandLimits out;
        read_size(find(node, "memory_limit"), out.memory_limit);
        read(find(node, "max_variants"), out.max_variants);
        read(find(node, "max_waiting"), out.max_waiting);
        read_duration(find(node, "keep_errors"), out.keep_errors);
        return out;
    }

    State state(const Node* node) const
    {
        State out;
        path(find(node, "path"), out.path);
        read(find(node, "url"), out.url);
        return out;
    }

    Datasets datasets(const Node* node) const
    {
        Datasets out;
        path(find(node, "directory"), out.directory);
        read_size(find(node, "max_size"), out.max_size);
        return out;
    }

    Caches caches(const Node* node) const
    {
        Caches out;
        path(find(node, "directory"), out.directory);
        return out;
    }

    Jwks jwks(const Node& node) const
    {
        Jwks out;
        out.name = node.name;
        read(find(&node, "url"), out.url);
        path(find(&node, "ca_file"), out.ca_file);
        read(find(&node, "allow_private"), out.allow_private);
        read_duration(find(&node, "timeout"), out.timeout);
        read_duration(find(&node, "min_interval"), out.min_interval);
        read_duration(find(&node, "max_interval"), out.max_interval);
        return out;
    }

    static Tokens tokens(const Node* node)
    {
        Tokens out;
        read_duration(find(node, "default_expiry"), out.default_expiry);
        read_duration(find(node, "max_expiry"), out.max_expiry);
        read_duration(find(node, "overlap"), out.overlap);
        return out;
    }

    Audit audit(const Node* node) const
    {
        Audit out;
        read(find(node, "syslog"), out.syslog);
        if (node != nullptr && out.syslog.empty()) {
            out.file = "/var/log/gatehouse/audit.log";
        }
        if (text_of(find(node, "file")) == "off") {
            out.file.clear();
        } else {
            path(find(node, "file"), out.file);
        }
        read_mode(find(node, "mode"), out.mode);
        read_size(find(node, "rotate_size"), out.rotate_size);
        read(find(node, "keep"), out.keep);
        read(find(node, "key"), out.key);
        path(find(node, "key_file"), out.key_file);
        path(find(node, "state"), out.state);
        return out;
    }

    Source source(const Node& node) const
    {
        Source out;
        out.name = node.name;
        read(find(&node, "kind"), out.kind);
        out.paths = strings_of(find(&node, "path"));
        for (std::string& path : out.paths) {
            path = absolute_path(path, directory_);
        }
        read(find(&node, "watch"), out.watch);
        read(find(&node, "format"), out.json_format);
        out.columns = pairs_of(find(&node, "columns"));
        out.types = pairs_of(find(&node, "types"));
        read(find(&node, "union_by_name"), out.union_by_name);
        read(find(&node, "filename"), out.filename);
        read(find(&node, "cache"), out.cache);
        const Node* hive = find(&node, "hive_partitioning");
        read(hive, out.hive_partitioning);
        out.hive_types = pairs_of(hive);
        if (!out.hive_types.empty()) {
            out.hive_partitioning = true;
        }
        out.csv = csv(node);
        if (out.kind == "http") {
            out.watch = false;
            out.http = http(node);
        }
        if (out.kind == "caches" || out.kind == "history") {
            out.watch = false;
        }
        out.database = database(node);
        read(find(&node, "runs"), out.runs);
        if (const Node* size = find(&node, "max_size")) {
            read_size(size, out.max_size.emplace());
        }
        return out;
    }

private:
    HttpOptions http(const Node& node) const
    {
        HttpOptions out;
        read(find(&node, "url"), out.url);
        out.headers = pairs_of(find(&node, "headers"));
        read(find(&node, "bearer"), out.bearer);
        read(find(&node, "rows"), out.rows);
        path(find(&node, "ca_file"), out.ca_file);
        read(find(&node, "allow_private"), out.allow_private);
        read(find(&node, "redirects"), out.redirects);
        read_duration(find(&node, "every"), out.every);
        out.max_interval = 10 * out.every;
        read_duration(find(&node, "max_interval"), out.max_interval);
        read_duration(find(&node, "timeout"), out.timeout);
        read_size(find(&node, "max_size"), out.max_size);
        return out;
    }

    static DatabaseOptions database(const Node& node)
    {
        DatabaseOptions out;
        read(find(&node, "url"), out.url);
        read(find(&node, "table"), out.table);
        read(find(&node, "query"), out.query);
        read(find(&node, "notify"), out.notify);
        read(find(&node, "application_name"), out.application_name);
        read(find(&node, "pool_size"), out.pool_size);
        read(find(&node, "max_overflow"), out.max_overflow);
        read_duration(find(&node, "pool_timeout"), out.pool_timeout);
        read_duration(find(&node, "recycle"), out.recycle);
        read(find(&node, "pre_ping"), out.pre_ping);
        read_duration(find(&node, "connect_timeout"), out.connect_timeout);
        read_duration(find(&node, "statement_timeout"), out.statement_timeout);
        read_duration(find(&node, "busy_timeout"), out.busy_timeout);
        return out;
    }

    static CsvOptions csv(const Node& node)
    {
        CsvOptions out;
        read(find(&node, "delimiter"), out.delimiter);
        read(find(&node, "quote"), out.quote);
        read(find(&node, "escape"), out.escape);
        read(find(&node, "decimal"), out.decimal);
        read(find(&node, "dateformat"), out.dateformat);
        read(find(&node, "timestampformat"), out.timestampformat);
        read(find(&node, "encoding"), out.encoding);
        read(find(&node, "header"), out.header);
        read(find(&node, "ignore_errors"), out.ignore_errors);
        read(find(&node, "append"), out.append);
        read(find(&node, "skip"), out.skip);
        out.null_strings = strings_of(find(&node, "null"));
        return out;
    }

    void path(const Node* node, std::string& out) const { read_path(node, directory_, out); }

    const std::string& directory_;
};

void collect_secrets(const Node& node, std::set<std::string>& out)
{
    if (node.secret) {
        out.insert(pointer_of(node));
    }
    for (const Node* child : node.children) {
        collect_secrets(*child, out);
    }
}

std::vector<const Node*> members(const Node* node)
{
    if (node == nullptr || !node->is_object()) {
        return {};
    }
    return {node->children.begin(), node->children.end()};
}

}  // namespace

Config build(const Node& root, const std::string& file, const std::string& directory)
{
    const Builder builder(directory);
    Config out;
    out.file = file;
    out.link = builder.link(find(&root, "link"));
    out.control = builder.control(find(&root, "control"));
    out.api = builder.api(find(&root, "api"));
    out.board = builder.board(find(&root, "board"));
    out.engine = builder.engine(find(&root, "engine"));
    out.datasets = builder.datasets(find(&root, "datasets"));
    out.caches = builder.caches(find(&root, "caches"));
    out.history = build_history(find(&root, "history"));
    for (const Node* source : members(find(&root, "sources"))) {
        auto& built = out.sources[source->name] = builder.source(*source);
        if (built.kind == "dataset") {
            built.paths = {out.datasets.directory + '/' + source->name};
        } else if (built.kind == "history") {
            built.history = build_history_source(*source, out.history);
        }
    }
    std::set<std::string> card_names;
    for (const Node* card : members(find(&root, "cards"))) {
        card_names.insert(card->name);
    }
    for (const Node* card : members(find(&root, "cards"))) {
        out.cards[card->name] = build_card(*card, out.sources, card_names);
    }
    out.on_demand = Builder::on_demand(find(&root, "on_demand"));
    out.state = builder.state(find(&root, "state"));
    const Node* identity = find(&root, "identity");
    out.identity.tokens = Builder::tokens(find(identity, "tokens"));
    for (const Node* set : members(find(identity, "jwks"))) {
        out.identity.jwks[set->name] = builder.jwks(*set);
    }
    out.audit = builder.audit(find(&root, "audit"));
    for (const Node* check : members(find(&root, "checks"))) {
        out.checks[check->name] = build_check(*check, directory);
    }
    out.health = build_health(find(&root, "health"));
    out.alerts = build_alerts(find(&root, "alerts"), directory);
    out.log = build_log(find(&root, "log"), directory);
    out.sentry = build_sentry(find(&root, "sentry"), directory);
    out.metrics = build_metrics(find(&root, "metrics"));
    collect_secrets(root, out.secrets);
    return out;
}

}  // namespace gatehouse::config
