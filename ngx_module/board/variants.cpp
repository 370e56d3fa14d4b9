#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/variants.h"

#include <memory>
#include <vector>

#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::board_feature {

namespace {

struct Held {
    std::shared_ptr<const SealedMemory> memory;
    board::CardPaths paths;
    std::vector<std::uint16_t> counters;  ///< by row; 0: not given yet
    std::uint32_t number = 1;             ///< of each that was taken another one
};

Held held;

/// What one message may carry; more than that between two reports are told at once.
constexpr std::size_t most_unreported = link::largest_payload / sizeof(std::uint64_t);

/// Generations of the variants served since the last report, and its number: an entry that bears
/// it is among them.
std::vector<std::uint64_t> unreported;
std::uint32_t report_number = 1;

Result<void> take(board::Table table)
{
    auto paths = board::CardPaths::open(table.memory->bytes());
    if (!paths) {
        return paths.error();
    }
    held = {std::move(table.memory), *paths, std::vector<std::uint16_t>(paths->size()),
            held.number + 1};
    return {};
}

}  // namespace

void take_card_paths()
{
    glue::on_table(board::card_paths_table, take);
}

const board::CardPaths& card_paths() noexcept
{
    return held.paths;
}

std::uint32_t row_of(const board::Entry& entry, std::string_view path) noexcept
{
    if (entry.row_of_paths != held.number) {
        entry.row = held.paths.match(path);
        entry.of_row = entry.row != board::no_row &&
                       board::card_of(entry.published->view().name()) == held.paths[entry.row].card;
        entry.row_of_paths = held.number;
    }
    return entry.row;
}

bool is_of_row(const board::Entry& entry, std::string_view path, std::uint32_t row) noexcept
{
    return row_of(entry, path) == row && entry.of_row;
}

std::uint16_t card_index(std::uint32_t row)
{
    auto& counter = held.counters[row];
    if (counter == 0) {
        counter = glue::card_index(held.paths[row].card);
    }
    return counter;
}

void note_served(const board::Entry& variant)
{
    if (variant.noted == report_number) {
        return;
    }
    variant.noted = report_number;
    unreported.push_back(variant.published->view().generation());
    if (unreported.size() == most_unreported) {
        report_served();
    }
}

void report_served()
{
    if (unreported.empty()) {
        return;
    }
    // What does not go through is lost: whatever is served again is told again.
    const std::string_view payload{reinterpret_cast<const char*>(unreported.data()),
                                   unreported.size() * sizeof(std::uint64_t)};
    (void)glue::tell_sidecar({.type = link::Type::touched, .payload = payload});
    unreported.clear();
    ++report_number;
}

}  // namespace gatehouse::board_feature
