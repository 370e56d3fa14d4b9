#include "sidecar/config/check_history.h"

#include "sidecar/base/units.h"
#include "sidecar/config/build_history.h"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;
using sidecar::format_duration;

constexpr Milliseconds in_memory = 5min;

/// The member, else the node that lacks it.
const Node& member_or_self(const Node& node, const char* name)
{
    const Node* member = find(&node, name);
    return member != nullptr ? *member : node;
}

At place_in(const Node& node, const char* name)
{
    return find(&node, name) != nullptr ? At::value : At::key;
}

/// The longest of the kept steps of which that one is made.
std::int64_t made_of(Milliseconds step)
{
    return step % 1h == 0ms ? 3600 : step % 1min == 0ms ? 60 : 10;
}

const char* setting_of(std::int64_t step_s)
{
    return step_s == 3600 ? "keep_hours" : step_s == 60 ? "keep" : "keep_detail";
}

bool is_step(const HistorySource& source)
{
    if (source.of == "checks") {
        return source.step >= 1min && source.step % 1min == 0ms;
    }
    return source.step == 1s || source.step == 2s || source.step == 5s ||
           (source.step >= 10s && source.step % 10s == 0ms);
}

void check_state(const Node& node, const Config& config, const HistorySource& source,
                 Diagnostics& out)
{
    if (!config.state.path.empty() || !config.state.url.empty()) {
        return;
    }
    if (source.of != "traffic") {
        error(out, member_or_self(node, "of"), place_in(node, "of"),
              "history of checks needs a place to be kept: set \"path\" or \"url\" of \"state\"");
    } else if (source.last > in_memory) {
        warning(out, member_or_self(node, "last"), place_in(node, "last"),
                "without \"path\" or \"url\" of \"state\" history is kept in memory only, for " +
                    format_duration(in_memory));
    }
}

void check_reach(const Node& node, const Config& config, const HistorySource& source,
                 Diagnostics& out)
{
    const bool of_memory = source.of == "traffic" && source.step < 10s;
    const auto step_s = source.of == "results" ? 60 : made_of(source.step);
    const auto kept = of_memory ? in_memory : kept_for(config.history, step_s);
    if (source.last <= kept) {
        return;
    }
    const std::string what =
        source.of == "results" ? "results of checks" : "steps of " + format_duration(source.step);
    const std::string remedy = of_memory ? "a longer \"step\""
                                         : std::string{"a shorter \"last\", or raise \""} +
                                               setting_of(step_s) + "\" of \"history\"";
    error(out, member_or_self(node, "last"), place_in(node, "last"),
          what + " are kept for " + format_duration(kept) + ", less than the " +
              format_duration(source.last) + " of \"last\": give it " + remedy);
}

}  // namespace

void check_history(const Node& root, const Config& config, Diagnostics& out)
{
    const Node* node = find(&root, "history");
    if (node == nullptr) {
        return;
    }
    const auto& kept = config.history;
    const auto longer = [&](const char* name, Milliseconds value, const char* than,
                            Milliseconds least) {
        if (value < least) {
            error(out, member_or_self(*node, name), place_in(*node, name),
                  '"' + std::string{name} + "\" (" + format_duration(value) +
                      ") must be at least " + (*than == 0 ? "" : '"' + std::string{than} + "\", ") +
                      format_duration(least));
        }
    };
    longer("keep_detail", kept.keep_detail, "", 1min);
    longer("keep", kept.keep, "keep_detail", kept.keep_detail);
    longer("keep_hours", kept.keep_hours, "keep", kept.keep);
}

void check_history_source(const Node& node, const Config& config, Diagnostics& out)
{
    const auto& source = config.sources.at(node.name).history;
    if (source.last <= 0ms) {
        return error(out, *find(&node, "last"), At::value, "\"last\" must be more than 0s");
    }
    if (source.of == "results" && find(&node, "step") != nullptr) {
        warning(out, *find(&node, "step"), At::key, "\"step\" has no effect: results have none");
    } else if (source.of != "results" && !is_step(source)) {
        return error(out, member_or_self(node, "step"), place_in(node, "step"),
                     source.of == "checks"
                         ? "\"step\" must be 1m or a multiple of it"
                         : "\"step\" must be 1s, 2s, 5s, 10s or a multiple of 10s");
    }
    check_state(node, config, source, out);
    check_reach(node, config, source, out);
}

}  // namespace gatehouse::config
