#include "t/tools/tables.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "src/auth/api_token.h"
#include "src/auth/networks.h"
#include "src/auth/sha256.h"
#include "src/auth/token_table_builder.h"
#include "src/board/card_paths.h"

namespace gatehouse::publisher {

namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

Settings settings_of(const std::string& line)
{
    Settings settings;
    std::istringstream words{line};
    for (std::string word; std::getline(words, word, '\t');) {
        const auto equals = std::min(word.find('='), word.size());
        settings[word.substr(0, equals)] = word.substr(std::min(equals + 1, word.size()));
    }
    return settings;
}

Result<std::string> networks_of(const std::string& text)
{
    std::string entries;
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        auto entry = auth::parse_network(word);
        if (!entry) {
            return entry.error();
        }
        entries += *entry;
    }
    return entries;
}

Result<void> add_token(auth::TokenTableBuilder& builder, Settings settings)
{
    auto sha256 = auth::Sha256::create();
    if (!sha256) {
        return sha256.error();
    }
    const auto networks = networks_of(settings["networks"]);
    if (!networks) {
        return networks.error();
    }
    const auto& token = settings["token"];
    auth::TokenSpec spec;
    spec.foreign = settings.contains("foreign");
    spec.id = spec.foreign || auth::shape_of(token) != auth::TokenShape::ours
                  ? std::string_view{settings["id"]}
                  : auth::id_of(token);
    spec.digest = (*sha256)(token).value_or(auth::Digest{});
    spec.revoked = settings.contains("revoked");
    spec.user = settings["user"];
    spec.scopes = settings["scopes"];
    spec.plan = settings["plan"];
    spec.networks = *networks;
    if (settings.contains("not_before")) {
        spec.not_before_s = std::atoll(settings["not_before"].c_str());
    }
    if (settings.contains("expires")) {
        spec.expires_s = std::atoll(settings["expires"].c_str());
    }
    return settings.contains("removed") ? builder.remove(spec) : builder.add(spec);
}

Result<board::Table> table_of(std::string name, std::uint64_t generation,
                              Result<SealedMemory> memory)
{
    if (!memory) {
        return memory.error();
    }
    return board::Table{std::move(name), generation,
                        std::make_shared<const SealedMemory>(std::move(*memory))};
}

}  // namespace

Result<board::Table> table_of_file(std::string name, const std::string& file,
                                   std::uint64_t generation)
{
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return Error{"cannot read " + file};
    }
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    return table_of(std::move(name), generation,
                    SealedMemory::create("table", bytes.size(), [&](std::span<std::byte> out) {
                        std::memcpy(out.data(), bytes.data(), bytes.size());
                        return Result<void>{};
                    }));
}

Result<board::Table> table_of_tokens(std::string name, const std::string& file,
                                     std::uint64_t revision, std::uint64_t base_checksum,
                                     std::uint64_t generation)
{
    std::ifstream in{file};
    if (!in) {
        return Error{"cannot read " + file};
    }
    auth::TokenTableBuilder builder;
    for (std::string line; std::getline(in, line);) {
        if (auto added = add_token(builder, settings_of(line)); !added) {
            return added.error();
        }
    }
    return table_of(std::move(name), generation, builder.build(revision, base_checksum));
}

Result<board::Table> table_of_paths(const std::string& file, std::uint64_t generation)
{
    std::ifstream in{file};
    if (!in) {
        return Error{"cannot read " + file};
    }
    std::vector<board::CardPathSpec> cards;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words{line};
        std::string query;
        std::string flags;
        auto& card = cards.emplace_back();
        std::getline(words, card.card, '\t');
        std::getline(words, card.pattern, '\t');
        std::getline(words, query, '\t');
        std::getline(words, card.require, '\t');
        if (std::getline(words, flags, '\t')) {
            card.flags = static_cast<std::uint32_t>(std::atoll(flags.c_str()));
        }
        std::istringstream names{query};
        for (std::string name; names >> name;) {
            card.query.push_back(name);
        }
    }
    return table_of(std::string{board::card_paths_table}, generation,
                    board::build_card_paths(std::move(cards)));
}

std::uint64_t checksum_of(const board::Table& table)
{
    const auto opened = auth::TokenTable::open(table.memory->bytes());
    return opened ? opened->checksum() : 0;
}

Result<void> file_tables(const Tables& tables, const std::string& board_file)
{
    constexpr auto own_group = static_cast<gid_t>(-1);
    for (const auto& [name, table] : tables) {
        const auto file = board::table_file(board_file, name);
        if (auto written = board::write_table_file(file, own_group, table); !written) {
            return written;
        }
    }
    return {};
}

}  // namespace gatehouse::publisher
