#include "sidecar/app/basis.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sidecar/config/load.h"

namespace gatehouse::app {

namespace {

bool has_basis(const config::Config& config, const config::Card& card)
{
    return card.cards.empty() && !card.on_demand() &&
           std::all_of(card.sources.begin(), card.sources.end(), [&](const auto& name) {
               const auto source = config.sources.find(name);
               return source != config.sources.end() && sources::shows_in_files(source->second);
           });
}

/// Appends texts so that no two lists of them give the same.
void add(std::string& to, const std::string& text)
{
    to.append(std::to_string(text.size())).append(":").append(text);
}

void add(std::string& to, const sources::FileStamp& file)
{
    add(to, file.path);
    for (const auto number : {file.device, file.inode, file.bytes}) {
        add(to, std::to_string(number));
    }
    add(to, std::to_string(file.modified_ns));
}

std::string definition_of(const config::Config& config, const config::Card& card)
{
    std::string all;
    add(all, GATEHOUSE_VERSION);
    add(all, config::definition(card));
    for (const auto& source : card.sources) {
        add(all, source);
        add(all, config::definition(config.sources.at(source)));
    }
    return all;
}

/// What sources are now; each is looked at once, however many cards read it.
class Seen {
public:
    explicit Seen(const config::Config& config) : config_(config) {}

    /// Nothing when one of the card's sources cannot be read.
    std::optional<Inputs> inputs_of(const config::Card& card)
    {
        Inputs inputs;
        for (const auto& name : card.sources) {
            const auto seen = seen_.find(name) != seen_.end()
                                  ? seen_.find(name)
                                  : seen_.emplace(name, fingerprint_of(name)).first;
            if (!seen->second) {
                return std::nullopt;
            }
            inputs[name] = *seen->second;
        }
        return inputs;
    }

private:
    std::optional<sources::Fingerprint> fingerprint_of(const std::string& name) const
    {
        auto files = sources::fingerprint(config_.sources.at(name));
        return files ? std::optional{std::move(*files)} : std::nullopt;
    }

    const config::Config& config_;
    std::map<std::string, std::optional<sources::Fingerprint>> seen_;
};

}  // namespace

Bases::Bases(const config::Config& config)
{
    for (const auto& [name, card] : config.cards) {
        if (has_basis(config, card)) {
            definitions_.emplace(name, definition_of(config, card));
        }
    }
}

board::Basis Bases::of(const std::string& card, const Inputs& inputs) const
{
    const auto definition = definitions_.find(card);
    if (definition == definitions_.end()) {
        return {};
    }
    std::string all = definition->second;
    for (const auto& [name, seen] : inputs) {
        add(all, name);
        std::for_each(seen.files.begin(), seen.files.end(),
                      [&all](const auto& file) { add(all, file); });
    }
    const auto digest = XXH3_128bits(all.data(), all.size());
    return {digest.low64, digest.high64};
}

std::map<std::string, sidecar::Kept> kept_cards(const std::shared_ptr<const Setup>& setup,
                                                const sidecar::BoardStore& store)
{
    const Bases bases{setup->config};
    Seen seen{setup->config};
    std::map<std::string, sidecar::Kept> kept;
    for (const auto& [name, held] : store.cards()) {
        const auto card = setup->config.cards.find(name);
        if (!held.basis.is_known() || card == setup->config.cards.end() ||
            !has_basis(setup->config, card->second)) {
            continue;
        }
        auto inputs = seen.inputs_of(card->second);
        if (inputs && bases.of(name, *inputs) == held.basis) {
            kept[name] = {held.verified_at_ms, held.rows};
            if (rests_on_sources(setup->executors, card->second)) {
                kept[name].sources_unchanged = [setup, inputs = std::move(*inputs)] {
                    return unchanged(setup->executors, setup->config, inputs);
                };
            }
        }
    }
    return kept;
}

}  // namespace gatehouse::app
