// What the publisher does with tables.

#include "t/tools/publisher.h"

namespace gatehouse::publisher {

Result<std::string> Publisher::hold(Result<board::Table> table)
{
    if (!table) {
        return table.error();
    }
    generation_ = table->generation;
    workers_.send(publication(*table));
    tables_.insert_or_assign(table->name, *table);
    return std::to_string(generation_);
}

Result<std::string> Publisher::table(const Words& words)
{
    return hold(table_of_file(word(words, 0), word(words, 1), generation_ + 1));
}

Result<std::string> Publisher::tokens(const Words& words)
{
    const auto next = generation_ + 1;
    const bool early = word(words, 1) == "early";  // made before every change
    return hold(table_of_tokens("tokens", word(words, 0), early ? 0 : next, 0, next));
}

Result<std::string> Publisher::changes(const Words& words)
{
    const auto base = tables_.find("tokens");
    const auto checksum = base == tables_.end() ? 0 : checksum_of(base->second);
    const auto next = generation_ + 1;
    const bool astray = word(words, 1) == "astray";
    return hold(
        table_of_tokens("tokens.changes", word(words, 0), next, checksum + (astray ? 1 : 0), next));
}

Result<std::string> Publisher::paths(const Words& words)
{
    return hold(table_of_paths(word(words, 0), generation_ + 1));
}

Result<std::string> Publisher::health(const Words& words)
{
    return hold(table_of_health(word(words, 0), word(words, 1), generation_ + 1));
}

Result<std::string> Publisher::untable(const Words& words)
{
    tables_.erase(word(words, 0));
    return std::string{};
}

}  // namespace gatehouse::publisher
