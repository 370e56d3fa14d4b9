#include "sidecar/config/build_history.h"

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

/// For so much a step is short enough.
struct Reach {
    Milliseconds step, last;
};
constexpr Reach reaches[] = {{1s, 5min}, {10s, 2h}, {1min, 48h}};

Milliseconds default_step(const HistorySource& source, const History& kept)
{
    for (const auto& [step, last] : reaches) {
        const bool is_there = step < 10s || kept_for(kept, step.count() / 1000) >= source.last;
        if (source.last <= last && is_there && (source.of == "traffic" || step >= 1min)) {
            return step;
        }
    }
    return 1h;
}

}  // namespace

Milliseconds kept_for(const History& kept, std::int64_t step_s)
{
    return step_s >= 3600 ? kept.keep_hours : step_s >= 60 ? kept.keep : kept.keep_detail;
}

History build_history(const Node* node)
{
    History out;
    read_duration(find(node, "keep"), out.keep);
    read_duration(find(node, "keep_detail"), out.keep_detail);
    read_duration(find(node, "keep_hours"), out.keep_hours);
    return out;
}

HistorySource build_history_source(const Node& node, const History& kept)
{
    HistorySource out;
    read(find(&node, "of"), out.of);
    read_duration(find(&node, "last"), out.last);
    out.step = default_step(out, kept);
    read_duration(find(&node, "step"), out.step);
    return out;
}

}  // namespace gatehouse::config
