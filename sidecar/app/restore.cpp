#include "sidecar/app/restore.h"

#include "sidecar/app/card_header.h"
#include "sidecar/base/log.h"

namespace gatehouse::app {

namespace log = sidecar::log;

board::Archive read_last_board(const config::Config& config)
{
    const auto& file = config.board.file;
    if (file.empty() || !board::archive_exists(file)) {
        return {};
    }
    auto archive = board::read_archive(file);
    if (!archive) {
        log::warning("board file refused",
                     {{"error", archive.error().message}, {"now", "all cards are computed anew"}});
        return {};
    }
    return std::move(*archive);
}

std::uint64_t last_generation(const config::Config& config)
{
    return config.board.file.empty() ? 0 : board::archive_generation(config.board.file);
}

void restore(const board::Archive& archive, const config::Config& config,
             sidecar::BoardStore& store, sidecar::Generations& generations)
{
    std::size_t restored = 0;
    for (const auto& archived : archive.cards) {
        const auto& view = archived.published->view();
        const auto card = config.cards.find(std::string{view.name()});
        if (card == config.cards.end() || card->second.on_demand() ||
            card->second.path != view.path()) {
            continue;
        }
        // A copy in its own memory, which workers can be handed; under today's definition, which
        // may ask for scopes that the archived one did not.
        const bool same = header_matches(view, card->second);
        auto snapshot = rewrap(view, card->second, same ? view.generation() : generations.next());
        if (!snapshot) {
            continue;
        }
        if (auto published = store.publish(std::move(*snapshot), archived.verified_at_ms);
            !published) {
            log::warning("card not restored",
                         {{"card", card->first}, {"error", published.error().message}});
            continue;
        }
        store.rest_on(card->first, archived.rows, archived.basis);
        ++restored;
    }
    if (!archive.cards.empty()) {
        log::info(
            "board file read",
            {{"file", config.board.file}, {"cards", archive.cards.size()}, {"restored", restored}});
    }
}

}  // namespace gatehouse::app
