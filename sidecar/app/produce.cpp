#include "sidecar/app/produce.h"

#include <optional>
#include <set>
#include <vector>

#include "sidecar/app/basis.h"
#include "sidecar/app/card_header.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/base/clock.h"

namespace gatehouse::app {

namespace {

using sidecar::Attempt;
using sidecar::Product;

bool same_bodies(const board::SnapshotView& view,
                 const std::vector<render::Representation>& representations)
{
    std::size_t held = 0;
    for (std::size_t i = 0; i < format_count; ++i) {
        for (std::size_t j = 0; j < encoding_count; ++j) {
            held += view.encodings(static_cast<Format>(i)).contains(static_cast<Encoding>(j));
        }
    }
    if (held != representations.size()) {
        return false;
    }
    for (const auto& fresh : representations) {
        if (!view.encodings(fresh.format).contains(fresh.encoding)) {
            return false;
        }
        const auto old = view.representation(fresh.format, fresh.encoding);
        if (old.content_type != fresh.content_type || old.etag != board::etag_of(fresh.body)) {
            return false;
        }
    }
    return true;
}

class Production {
public:
    explicit Production(sidecar::Generations& generations) : generations_(generations) {}

    Result<Product> finish(const config::Card& card, const Snapshot& held,
                           const ComputedCard& computed)
    {
        const auto now_ms = sidecar::unix_ms();
        const bool same = held && same_bodies(held->view(), computed.representations);
        if (same && header_matches(held->view(), card)) {
            return Product{nullptr, computed.rows};
        }
        const auto modified_s = same ? held->view().last_modified_s() : now_ms / 1000;
        auto snapshot = publishable(card, computed, now_ms, modified_s);
        if (!snapshot) {
            return snapshot.error();
        }
        return Product{std::move(*snapshot), computed.rows};
    }

private:
    Result<Snapshot> publishable(const config::Card& card, const ComputedCard& computed,
                                 std::int64_t now_ms, std::int64_t modified_s)
    {
        const auto require = joined_scopes(card);
        auto spec = header_spec(card, require);
        spec.generation = generations_.next();
        spec.computed_at_ms = now_ms;
        spec.last_modified_s = modified_s;
        for (const auto& body : computed.representations) {
            spec.bodies.push_back({body.format, body.encoding, body.content_type, body.body});
        }
        return seal(spec);
    }

    sidecar::Generations& generations_;
};

std::set<std::string> cards_read_by_others(const config::Config& config)
{
    std::set<std::string> read;
    for (const auto& [name, card] : config.cards) {
        read.insert(card.cards.begin(), card.cards.end());
    }
    return read;
}

void keep(CardTables& tables, const std::string& card, CardAttempt& attempt)
{
    if (!attempt.result) {
        tables.fail(card, attempt.result.error().message);
    } else if (attempt.result->table) {
        tables.put(card, board::etag_of(attempt.result->representations.at(0).body),
                   std::move(*attempt.result->table));
    }
}

std::vector<sidecar::Column> columns_of(const CardAttempt& attempt)
{
    return attempt.result && attempt.result->table ? attempt.result->table->columns()
                                                   : std::vector<sidecar::Column>{};
}

}  // namespace

sidecar::Compute make_compute(std::shared_ptr<const Setup> setup,
                              std::shared_ptr<sidecar::Generations> generations)
{
    return [setup, generations = std::move(generations), tables = setup->tables,
            bases = Bases{setup->config}, read = cards_read_by_others(setup->config)](
               const config::Card& card, const Snapshot& held, const std::stop_token& stop) {
        std::optional<caches::Progress::Running> running;
        if (setup->executors.caching) {
            running.emplace(setup->executors.caching->progress.begin("card", card.name));
        }
        auto attempt = compute_card(setup->executors, setup->config, card, stop, tables.get(),
                                    running ? &*running : nullptr);
        const auto basis = bases.of(card.name, attempt.inputs);
        auto sources_unchanged = [setup, tables, inputs = std::move(attempt.inputs),
                                  inner = std::move(attempt.inner)] {
            return tables->are_current(inner) && unchanged(setup->executors, setup->config, inputs);
        };
        const auto columns = columns_of(attempt);
        if (read.contains(card.name) && !stop.stop_requested()) {
            keep(*tables, card.name, attempt);
        }
        auto product = attempt.result ? Production{*generations}.finish(card, held, *attempt.result)
                                      : Result<Product>{attempt.result.error()};
        if (product) {
            product->columns = columns;
            product->basis = basis;
        }
        return Attempt{std::move(product), std::move(sources_unchanged)};
    };
}

void put_versions(const config::Config& config, const sidecar::BoardStore& store,
                  CardTables& tables)
{
    for (const auto& name : cards_read_by_others(config)) {
        const auto held = store.held(name);
        const auto format = format_named(config.cards.at(name).formats.at(0));
        if (held && format && held->view().encodings(*format).contains(Encoding::identity)) {
            const auto body = held->view().representation(*format, Encoding::identity);
            tables.put_version(name, std::string{body.etag});
        }
    }
}

}  // namespace gatehouse::app
