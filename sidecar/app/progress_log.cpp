#include "sidecar/app/progress_log.h"

#include <cmath>
#include <utility>

#include "sidecar/base/log.h"

namespace gatehouse::app {

namespace {

/// So long nobody asks how far it is; then it is said again and again.
constexpr std::int64_t first_ms = 2'000;
constexpr std::int64_t every_ms = 5'000;

}  // namespace

void ProgressLog::say(const std::vector<caches::Progress::Work>& works)
{
    std::map<std::string, std::int64_t> next;
    for (const auto& work : works) {
        const auto key = work.kind + ' ' + work.name;
        const auto due = next_.find(key);
        next[key] = due == next_.end() ? first_ms : due->second;
        if (work.elapsed_ms < next[key]) {
            continue;
        }
        next[key] = work.elapsed_ms + every_ms;
        sidecar::log::info("being computed", {{work.kind, work.name},
                                              {"percent", std::floor(work.share * 100)},
                                              {"ms", work.elapsed_ms}});
    }
    next_ = std::move(next);
}

}  // namespace gatehouse::app
