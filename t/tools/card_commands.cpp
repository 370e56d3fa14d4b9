// What the publisher does with cards and their variants.
#include <algorithm>
#include <cstdlib>

#include "t/tools/publisher.h"

namespace gatehouse::publisher {

Result<std::string> Publisher::publish(const Words& words)
{
    auto card = make_card(words, generation_ + 1);
    if (!card) {
        return card.error();
    }
    generation_ = std::max(generation_, card->generation());
    auto& slot = cards_[words[0]];
    slot = std::move(*card);
    workers_.send(publication(words[0], slot));
    return std::to_string(slot.generation());
}

Result<std::string> Publisher::variants(const Words& words)
{
    const auto prefix = word(words, 1);
    const auto last = std::atoll(word(words, 3).c_str());
    for (auto number = std::atoll(word(words, 2).c_str()); number <= last; ++number) {
        const auto key = prefix + std::to_string(number);
        Words card{board::variant_name(word(words, 0), key), key};
        card.insert(card.end(), words.begin() + std::min<std::ptrdiff_t>(4, std::ssize(words)),
                    words.end());
        if (auto published = publish(card); !published) {
            return published;
        }
    }
    return std::to_string(generation_);
}

Result<std::string> Publisher::renew(const Words& words)
{
    const auto found = cards_.find(word(words, 0));
    if (found == cards_.end()) {
        return Error{"no such card"};
    }
    found->second.verified_at_ms = now_ms() - std::atoll(word(words, 1).c_str());
    workers_.send({.type = link::Type::renew,
                   .generation = found->second.generation(),
                   .at_ms = found->second.verified_at_ms,
                   .payload = found->first});
    return std::string{};
}

Result<std::string> Publisher::keep(const Words& words)
{
    workers_.send({.type = link::Type::keep, .payload = word(words, 0)});
    return std::string{};
}

Result<std::string> Publisher::retract(const Words& words)
{
    cards_.erase(word(words, 0));
    workers_.send({.type = link::Type::retract, .payload = word(words, 0)});
    return std::string{};
}

Result<std::string> Publisher::synced(const Words&)
{
    workers_.send({.type = link::Type::synced, .generation = generation_});
    return std::string{};
}

Result<std::string> Publisher::archive(const Words& words)
{
    board::ArchiveWriter writer{word(words, 0)};
    if (auto written = writer.write(archive_of(cards_)); !written) {
        return written.error();
    }
    if (auto filed = file_tables(tables_, word(words, 0)); !filed) {
        return filed.error();
    }
    return std::string{};
}

}  // namespace gatehouse::publisher
