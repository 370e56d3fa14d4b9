#include "sidecar/limits/zones.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sidecar/base/fault_guard.h"
#include "src/limit/zone.h"
#include "src/limit/zone_view.h"

namespace gatehouse::limits {

namespace {

using limit::ZoneView;
using sidecar::survive_faults;

Memory find(const Worker& worker, const std::string& name)
{
    const auto found = worker.memory.find(name);
    return found == worker.memory.end() ? nullptr : found->second;
}

Error wrong(const Zone& zone, const std::string& why)
{
    return {"zone \"" + zone.description.name + "\": " + why};
}

Error cut_short(const Zone& zone)
{
    return wrong(zone, "somebody has cut its file short");
}

/// Maps a zone's memory for one operation.
Result<ZoneView> view_of(const Zone& zone, ZoneView::Access access)
{
    if (!zone.memory) {
        return wrong(zone, "its workers have not shared its memory");
    }
    if (zone.memory->fd() < 0) {
        return wrong(zone,
                     "its file lies on a file system of a network or of a process, which is "
                     "not touched");
    }
    auto view = ZoneView::open(zone.memory->fd(), access);
    return view ? std::move(view) : wrong(zone, view.error().message);
}

/// The time as the workers of this zone have it.
limit::Now now_of(const Zone& zone, const ZoneView& view)
{
    return view.now(limit::read_clocks().monotonic_ms, zone.description.utc_offset_ms);
}

}  // namespace

std::vector<Zone> zones_of(std::vector<Worker> workers)
{
    std::sort(workers.begin(), workers.end(), [](const Worker& a, const Worker& b) {
        return std::tie(a.connected_at_ms, a.pid) > std::tie(b.connected_at_ms, b.pid);
    });
    std::map<std::pair<std::string, Memory>, Zone> zones;
    for (const auto& worker : workers) {
        for (auto& description : parse_zones(worker.limit_zones)) {
            auto memory = find(worker, "limit:" + description.name);
            auto& zone = zones[{description.name, memory}];
            if (zone.workers.empty()) {
                zone = {std::move(description),
                        worker.nginx,
                        std::move(memory),
                        find(worker, "telemetry"),
                        {}};
            }
            zone.workers.push_back(worker.pid);
        }
    }
    std::vector<Zone> found;
    for (auto& [key, zone] : zones) {
        std::sort(zone.workers.begin(), zone.workers.end());
        found.push_back(std::move(zone));
    }
    return found;
}

Result<Fill> fill_of(const Zone& zone)
{
    const auto view = view_of(zone, ZoneView::Access::read);
    if (!view) {
        return view.error();
    }
    const auto now = now_of(zone, *view);
    Fill fill{view->capacity(), 0};
    const bool whole = survive_faults([&] { fill.entries = view->entries(now.ticks); });
    return whole ? Result<Fill>{fill} : cut_short(zone);
}

Result<std::vector<WindowStanding>> standings(const Zone& zone, std::string_view key,
                                              std::vector<NamedWindow> windows)
{
    const auto view = view_of(zone, ZoneView::Access::read);
    if (!view) {
        return view.error();
    }
    const auto now = now_of(zone, *view);
    const auto hash = view->hash(key);
    std::vector<WindowStanding> found;
    for (auto& window : windows) {
        limit::Standing standing;
        if (!survive_faults([&] { standing = view->standing(window.window, hash, now); })) {
            return cut_short(zone);
        }
        found.push_back({std::move(window), standing});
    }
    return found;
}

Result<std::uint64_t> free_key(const Zone& zone, std::string_view key,
                               const std::vector<NamedWindow>& windows)
{
    auto view = view_of(zone, ZoneView::Access::write);
    if (!view) {
        return view.error();
    }
    const auto now = now_of(zone, *view);
    const auto hash = view->hash(key);
    std::uint64_t freed = 0;
    for (const auto& window : windows) {
        if (!survive_faults([&] { freed += view->free_key(window.window, hash, now); })) {
            return cut_short(zone);
        }
    }
    return freed;
}

Result<std::uint64_t> free_all(const Zone& zone)
{
    auto view = view_of(zone, ZoneView::Access::write);
    if (!view) {
        return view.error();
    }
    std::uint64_t freed = 0;
    const bool whole = survive_faults([&] { freed = view->free_all(); });
    return whole ? Result<std::uint64_t>{freed} : cut_short(zone);
}

}  // namespace gatehouse::limits
