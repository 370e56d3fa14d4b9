#include "sidecar/history/counters.h"

#include <sys/stat.h>

#include <algorithm>

#include "sidecar/base/clean_text.h"
#include "sidecar/history/columns.h"
#include "src/telemetry/reader.h"

namespace gatehouse::history {

using telemetry::Family;
using telemetry::Reader;

namespace {

constexpr unsigned first_server_error = 500;

/// The memory's inode tells two apart that began in the same millisecond.
RegionName name_of(const SharedMemory& region, const Reader& reader)
{
    struct stat status {};
    (void)::fstat(region.fd(), &status);
    const auto began_ms = reader.started_at_ms();
    return {std::to_string(began_ms) + '-' + std::to_string(status.st_ino), began_ms / 1000};
}

Traffic& traffic_of(Counters& to, const Reader& reader, unsigned endpoint)
{
    const auto name = reader.name(telemetry::NameKind::endpoint, endpoint).value_or("other");
    return to.traffic[sidecar::clean_text(name, longest_text)];
}

void add_total(Counters& to, const Reader& reader, const Reader::Total& total)
{
    const auto value = static_cast<Number>(total.value);
    switch (total.key.family) {
    case Family::http_requests:
        traffic_of(to, reader, total.key.a)[Traffic::requests] += value;
        if (total.key.b >= first_server_error) {
            traffic_of(to, reader, total.key.a)[Traffic::errors] += value;
        }
        break;
    case Family::refused: traffic_of(to, reader, total.key.a)[Traffic::refused] += value; break;
    case Family::sent_bytes: traffic_of(to, reader, total.key.a)[Traffic::bytes] += value; break;
    case Family::decisions:
    case Family::limit:
    case Family::cap_rejected:
    case Family::card_served:
    case Family::auth_attempts: break;
    }
}

void add_durations(Counters& to, const Reader& reader)
{
    const unsigned endpoints = reader.names(telemetry::NameKind::endpoint);
    for (unsigned i = 0; i < endpoints; ++i) {
        const auto histogram = reader.histogram(i);
        if (std::all_of(histogram.buckets.begin(), histogram.buckets.end(),
                        [](auto count) { return count == 0; })) {
            continue;
        }
        auto& traffic = traffic_of(to, reader, i);
        traffic[Traffic::duration_ns] += static_cast<Number>(histogram.sum_ns);
        std::transform(
            histogram.buckets.begin(), histogram.buckets.end(), traffic.buckets().begin(),
            traffic.buckets().begin(),
            [](std::uint64_t count, Number sum) { return sum + static_cast<Number>(count); });
    }
}

}  // namespace

std::optional<RegionName> region_name(const SharedMemory& region)
{
    const auto reader = Reader::open(region.bytes());
    return reader ? std::optional{name_of(region, *reader)} : std::nullopt;
}

std::optional<Counters> read_counters(const SharedMemory& region)
{
    const auto reader = Reader::open(region.bytes());
    if (!reader) {
        return std::nullopt;
    }
    Counters counters;
    counters.region = name_of(region, *reader);
    for (const auto& total : reader->totals()) {
        if (total.value != 0) {
            add_total(counters, *reader, total);
        }
    }
    add_durations(counters, *reader);
    return counters;
}

}  // namespace gatehouse::history
