#include "sidecar/app/produce.h"

#include <vector>

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

}  // namespace

sidecar::Compute make_compute(std::shared_ptr<const Setup> setup,
                              std::shared_ptr<sidecar::Generations> generations)
{
    return [setup = std::move(setup), generations = std::move(generations)](
               const config::Card& card, const Snapshot& held, const std::stop_token& stop) {
        auto attempt = compute_card(setup->executors, setup->config, card, stop);
        auto sources_unchanged = [setup, inputs = std::move(attempt.inputs)] {
            return unchanged(setup->executors, setup->config, inputs);
        };
        auto product = attempt.result ? Production{*generations}.finish(card, held, *attempt.result)
                                      : Result<Product>{attempt.result.error()};
        return Attempt{std::move(product), std::move(sources_unchanged)};
    };
}

}  // namespace gatehouse::app
