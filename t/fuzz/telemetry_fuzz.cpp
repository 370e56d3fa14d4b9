// Fuzzes the reader of a telemetry region: whatever a worker wrote, nothing outside it is read, and
// what is shown of it is text.
//
// The input is a row of changes to a sound region, each: which word (four bytes), its new value
// (eight bytes). Twelve bytes a change.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/telemetry/exposition.h"
#include "src/telemetry/histogram.h"
#include "src/telemetry/masked_key.h"
#include "src/telemetry/region.h"
#include "src/telemetry/ring.h"

namespace {

using namespace gatehouse::telemetry;

constexpr std::size_t region_bytes = region_size(1);

/// On the heap and of exactly its size, so that the sanitizer sees a step beyond.
std::span<std::uint64_t> sound_region()
{
    auto made = Region::create(1, 1'700'000'000'000);
    if (!made) {
        std::abort();
    }
    for (const char* name : {"/", "/api", "named"}) {
        const auto endpoint = *made->intern(NameKind::endpoint, name);
        const auto zone = *made->intern(NameKind::limit_zone, name);
        (void)made->intern(NameKind::cap_zone, name);
        const auto card = *made->intern(NameKind::card, name);
        auto& column = made->open_column(0);
        add(column.counters[*made->add_series({Family::http_requests, endpoint, 200, 1})], 5);
        add(column.counters[*made->add_series({Family::limit, zone, 0, 2})], 1);
        (void)made->add_series({Family::cap_rejected, zone, 0, 0});
        (void)made->add_series({Family::card_served, card, 0, 1});
        (void)made->add_series({Family::decisions, 1, 2, 3});
        observe(column.histograms[endpoint], 12'345);
        write_decision(column, {.at_ms = 1, .endpoint = endpoint});
        count_key(column.top_keys[zone], 42, [] { return std::string{"192.0.2.0/24"}; });
    }
    auto* words = new std::uint64_t[region_bytes / 8];
    std::memcpy(words, made->bytes().data(), region_bytes);
    return {words, region_bytes / 8};
}

void read_everything(const Reader& reader)
{
    for (const auto format :
         {ExpositionFormat::prometheus, ExpositionFormat::openmetrics, ExpositionFormat::json}) {
        Exposition out{format};
        expose_region(out, reader);
        for (const char c : out.finish()) {
            if (static_cast<unsigned char>(c) < 0x20 && c != '\n') {
                std::abort();  // a name got out of its quotes
            }
        }
    }
    for (unsigned zone = 0; zone < 4; ++zone) {
        (void)reader.top_keys(zone, 10);
    }
    for (const auto& decision : reader.decisions(ring_capacity)) {
        (void)name_of(decision.reason, reason_names);
        (void)client_text(decision.client);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const auto words = sound_region();
    std::vector<std::pair<std::size_t, std::uint64_t>> undo;
    for (; size >= 12; data += 12, size -= 12) {
        std::uint32_t index;
        std::uint64_t value;
        std::memcpy(&index, data, sizeof index);
        std::memcpy(&value, data + sizeof index, sizeof value);
        undo.emplace_back(index % words.size(), words[index % words.size()]);
        words[undo.back().first] = value;
    }
    if (const auto reader = Reader::open(std::as_bytes(words))) {
        read_everything(*reader);
    }
    for (auto change = undo.rbegin(); change != undo.rend(); ++change) {
        words[change->first] = change->second;
    }
    return 0;
}

/// Most words of a region are counters, which may be anything: changes are steered to the others.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, room);
    constexpr std::size_t starts[] = {0,
                                      marks_offset,
                                      names_offset,
                                      names_offset + endpoint_capacity * 8,
                                      series_offset,
                                      heap_offset,
                                      columns_offset,
                                      columns_offset + offsetof(Column, histograms),
                                      columns_offset + offsetof(Column, ring),
                                      columns_offset + offsetof(Column, top_keys)};
    if (size >= 12) {
        const auto change = (seed / 16) % (size / 12);
        const auto start = starts[seed % std::size(starts)] / 8;
        const auto index = static_cast<std::uint32_t>(start + seed / 1024 % 64);
        std::memcpy(data + change * 12, &index, sizeof index);
    }
    return size;
}
