#include "sidecar/identity/table_maker.h"

#include <algorithm>

#include "sidecar/identity/state_file.h"
#include "src/auth/networks.h"
#include "src/auth/token_table_builder.h"

namespace gatehouse::identity {

namespace {

std::string network_entries(std::string_view networks)
{
    std::string entries;
    while (!networks.empty()) {
        const auto end = std::min(networks.find(' '), networks.size());
        if (const auto entry = auth::parse_network(networks.substr(0, end))) {
            entries += *entry;
        }
        networks.remove_prefix(std::min(end + 1, networks.size()));
    }
    return entries;
}

std::int64_t end_of(const Token& token, const Secret& secret)
{
    return std::min(token.expires_s.value_or(auth::never_expires),
                    secret.expires_s.value_or(auth::never_expires));
}

Result<void> add(auth::TokenTableBuilder& builder, const Token& token, const Secret& secret)
{
    // No entry at all would mean "from anywhere".
    const auto networks = network_entries(token.networks);
    if (networks.empty() != token.networks.empty()) {
        return Error{"the networks of token " + token.id + " cannot be read"};
    }
    auth::TokenSpec spec;
    spec.id = token.id;
    spec.digest = secret.digest;
    spec.foreign = secret.foreign;
    spec.revoked = token.revoked_s.has_value();
    spec.not_before_s = token.not_before_s;
    spec.expires_s = end_of(token, secret);
    spec.user = token.user;
    spec.name = token.name;
    spec.scopes = token.scopes;
    spec.plan = token.plan;
    spec.networks = networks;
    return builder.add(spec);
}

Result<MadeTable> build(const auth::TokenTableBuilder& builder, std::int64_t revision,
                        std::uint64_t base_checksum)
{
    auto memory = builder.build(static_cast<std::uint64_t>(revision), base_checksum);
    if (!memory) {
        return memory.error();
    }
    const auto table = auth::TokenTable::open(memory->bytes());
    if (!table) {
        return table.error();
    }
    return MadeTable{std::make_shared<const SealedMemory>(std::move(*memory)), table->checksum(),
                     revision, table->record_count()};
}

}  // namespace

Result<MadeTable> make_base(const std::string& path)
{
    auto database = StateFile::reader(path);
    if (!database) {
        return database.error();
    }
    const auto snapshot = Transaction::begin(*database, Transaction::Kind::read);
    if (!snapshot) {
        return snapshot.error();
    }
    TokenStore store{*database};
    const auto revision = store.revision();
    if (!revision) {
        return revision.error();
    }
    auth::TokenTableBuilder builder;
    const auto added = store.each_secret(
        [&](const Token& token, const Secret& secret) { return add(builder, token, secret); });
    return added ? build(builder, *revision, 0) : added.error();
}

Result<MadeTable> make_changes(std::span<const WholeToken* const> tokens, std::int64_t revision,
                               std::uint64_t base_checksum)
{
    auth::TokenTableBuilder builder;
    for (const auto* whole : tokens) {
        for (const auto& secret : whole->secrets) {
            if (auto added = add(builder, whole->token, secret); !added) {
                return added.error();
            }
        }
    }
    return build(builder, revision, base_checksum);
}

}  // namespace gatehouse::identity
