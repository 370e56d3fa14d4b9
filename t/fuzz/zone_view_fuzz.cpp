// Fuzzes the sidecar's look at a zone: whatever its memory holds, no question about a key steps
// outside of it, overflows or goes on for ever, and every answer is possible.
//
// The input is a row of changes to a sound zone, each: which word (four bytes), its new value
// (eight bytes). Twelve bytes a change. Words of the header count as often as those of the cells
// that are asked for.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "src/limit/decision.h"
#include "src/limit/grammar.h"
#include "src/limit/zone_view.h"

namespace {

using namespace gatehouse::limit;

Clocks clocks()
{
    return {.monotonic_ms = 1'000'000, .unix_ms = 1'767'265'199'000, .boot_id = {}};
}

std::vector<Window> all_windows()
{
    std::vector<Window> all{rate_window(500, 3, "30r/m")};
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        const auto windows = parse_quota("3/minute; 50/day", algorithm, Align::first);
        all.insert(all.end(), windows->begin(), windows->end());
    }
    return all;
}

Zone sound_zone(const std::vector<Window>& windows)
{
    auto zone =
        Zone::open({.name = "z", .bytes = Zone::smallest_bytes, .key = "k", .path = {}}, clocks());
    if (!zone) {
        std::abort();
    }
    for (const auto& window : windows) {
        Charge charge;
        Demand demand{.zone = &*zone,
                      .windows = {&window, 1},
                      .charges = &charge,
                      .key = zone->hash("key"),
                      .now = zone->now(clocks().monotonic_ms)};
        decide({&demand, 1});
    }
    return std::move(*zone);
}

void ask(const ZoneView& view, const std::vector<Window>& windows)
{
    const auto now = view.now(clocks().monotonic_ms, 0);
    for (const auto& window : windows) {
        const auto found = view.standing(window, view.hash("key"), now);
        if (found.remaining > window.amount || found.used > window.amount) {
            std::abort();
        }
    }
    if (view.entries(now.ticks) > view.capacity()) {
        std::abort();
    }
}

/// Where a change goes: half of them to the header's words, half to the cells of the key.
std::size_t place_of(std::uint32_t chosen, const std::vector<std::size_t>& cells)
{
    constexpr std::size_t header_words = ZoneHeader::size / 8;
    const auto number = chosen / 2;
    return chosen % 2 == 0 ? number % header_words * 8 : cells[number % cells.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const auto windows = all_windows();
    static const auto zone = sound_zone(windows);
    static const auto sound = [] {
        std::vector<char> bytes(Zone::smallest_bytes);
        (void)::pread(zone.fd(), bytes.data(), bytes.size(), 0);
        return bytes;
    }();
    static const auto cells = [] {
        std::vector<std::size_t> used;
        for (std::size_t at = ZoneHeader::size; at < sound.size(); at += 8) {
            std::uint64_t word;
            std::memcpy(&word, sound.data() + at, sizeof word);
            if (word != 0) {
                used.push_back(at);
            }
        }
        return used;
    }();

    (void)::pwrite(zone.fd(), sound.data(), sound.size(), 0);
    for (; size >= 12; data += 12, size -= 12) {
        std::uint32_t chosen;
        std::memcpy(&chosen, data, sizeof chosen);
        (void)::pwrite(zone.fd(), data + sizeof chosen, 8,
                       static_cast<off_t>(place_of(chosen, cells)));
    }
    auto view = ZoneView::open(zone.fd(), ZoneView::Access::write);
    if (!view) {
        return 0;
    }
    ask(*view, windows);
    for (const auto& window : windows) {
        view->free_key(window, view->hash("key"), view->now(clocks().monotonic_ms, 0));
    }
    view->free_all();
    return 0;
}
