#include "sidecar/app/produce.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "sidecar/app/basis.h"
#include "sidecar/app/card_header.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/process_memory.h"

namespace gatehouse::app {

namespace {

using sidecar::Attempt;
using sidecar::Product;

/// Whether the snapshot has these bodies and no others, its encodings aside.
bool same_identities(const board::SnapshotView& view,
                     const std::vector<render::Representation>& identities)
{
    std::size_t held = 0;
    for (std::size_t i = 0; i < format_count; ++i) {
        held += view.encodings(static_cast<Format>(i)).contains(Encoding::identity) ? 1 : 0;
    }
    return held == identities.size() &&
           std::all_of(identities.begin(), identities.end(), [&](const auto& fresh) {
               if (!view.encodings(fresh.format).contains(Encoding::identity)) {
                   return false;
               }
               const auto old = view.representation(fresh.format, Encoding::identity);
               return old.content_type == fresh.content_type &&
                      old.etag == board::etag_of(fresh.body);
           });
}

bool is_compressed(const board::SnapshotView& view)
{
    for (std::size_t i = 0; i < format_count; ++i) {
        for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
            if (view.encodings(static_cast<Format>(i)).contains(encoding)) {
                return true;
            }
        }
    }
    return false;
}

std::size_t bytes_of(const ComputedCard& computed)
{
    std::size_t bytes = 0;
    for (const auto& body : computed.representations) {
        bytes += body.body.size();
    }
    return bytes;
}

/// What is published of a computation, if anything: in place of older data first as it is, where
/// compressing takes its time, and then once more.
class Production {
public:
    Production(const config::Card& card, sidecar::Generations& generations, ComputedCard computed)
        : card_(card), generations_(generations), computed_(std::move(computed))
    {
    }

    Result<Product> first(const Snapshot& held)
    {
        const bool same = held && same_identities(held->view(), computed_.representations);
        const bool current = same && header_matches(held->view(), card_);
        if (current && is_compressed(held->view()) == card_.compress) {
            return Product{nullptr, computed_.rows};
        }
        now_ms_ = sidecar::unix_ms();
        modified_s_ = same ? held->view().last_modified_s() : now_ms_ / 1000;
        compresses_later_ =
            held && card_.compress && !same && bytes_of(computed_) > soon_compressed;
        if (card_.compress && !compresses_later_) {
            const auto identities = computed_.representations.size();
            computed_ = compressed(card_, std::move(computed_));
            if (current && computed_.representations.size() == identities) {
                return Product{nullptr, computed_.rows};  // there is nothing to be gained
            }
        }
        return publishable();
    }

    bool compresses_later() const noexcept { return compresses_later_; }

    /// REQUIRES: compresses_later(). Once.
    Result<Product> second()
    {
        const auto identities = computed_.representations.size();
        computed_ = compressed(card_, std::move(computed_));
        return computed_.representations.size() == identities ? Product{nullptr, computed_.rows}
                                                              : publishable();
    }

private:
    static constexpr std::size_t soon_compressed = 16 << 10;  ///< bytes, within a millisecond

    Result<Product> publishable()
    {
        const auto require = joined_scopes(card_);
        auto spec = header_spec(card_, require);
        spec.generation = generations_.next();
        spec.computed_at_ms = now_ms_;
        spec.last_modified_s = modified_s_;
        for (const auto& body : computed_.representations) {
            spec.bodies.push_back({body.format, body.encoding, body.content_type, body.body});
        }
        auto snapshot = seal(spec);
        return snapshot ? Result{Product{std::move(*snapshot), computed_.rows}} : snapshot.error();
    }

    const config::Card card_;
    sidecar::Generations& generations_;
    ComputedCard computed_;
    std::int64_t now_ms_ = 0, modified_s_ = 0;
    bool compresses_later_ = false;
};

std::set<std::string> cards_read_by_others(const config::Config& config)
{
    std::set<std::string> read;
    for (const auto& [name, card] : config.cards) {
        read.insert(card.cards.begin(), card.cards.end());
    }
    for (const auto& metric : config.metrics) {
        if (config.cards.contains(metric.from) && !config.sources.contains(metric.from)) {
            read.insert(metric.from);
        }
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

sidecar::Compute make_compute(const std::shared_ptr<const Setup>& setup,
                              std::shared_ptr<sidecar::Generations> generations)
{
    // Each task has a copy of this function: what grows with the configuration is shared.
    return
        [setup, generations = std::move(generations), tables = setup->tables,
         bases = std::make_shared<const Bases>(setup->config),
         read = std::make_shared<const std::set<std::string>>(cards_read_by_others(setup->config))](
            const config::Card& card, const Snapshot& held,
            const std::stop_token& stop) -> Attempt {
            std::optional<caches::Progress::Running> running;
            if (setup->executors.caching) {
                running.emplace(setup->executors.caching->progress.begin("card", card.name));
            }
            auto attempt = compute_card(setup->executors, setup->config, card, stop, tables.get(),
                                        running ? &*running : nullptr);
            const auto basis = bases->of(card.name, attempt.inputs);
            std::function<bool()> sources_unchanged;
            if (rests_on_sources(setup->executors, card)) {
                sources_unchanged = [setup, tables, inputs = std::move(attempt.inputs),
                                     inner = std::move(attempt.inner)] {
                    return tables->are_current(inner) &&
                           unchanged(setup->executors, setup->config, inputs);
                };
            }
            const auto columns = columns_of(attempt);
            if (read->contains(card.name) && !stop.stop_requested()) {
                keep(*tables, card.name, attempt);
            }
            if (!attempt.result) {
                return Attempt{attempt.result.error(), std::move(sources_unchanged)};
            }
            const auto production =
                std::make_shared<Production>(card, *generations, std::move(*attempt.result));
            const auto described = [basis, columns](Result<Product> product) {
                if (product) {
                    product->columns = columns;
                    product->basis = basis;
                }
                return product;
            };
            Attempt made{described(production->first(held)), std::move(sources_unchanged)};
            if (made.result && production->compresses_later()) {
                made.compress = [production, described, generations] {
                    const sidecar::UnderMemoryLimit limited;
                    return described(production->second());
                };
            }
            return made;
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
