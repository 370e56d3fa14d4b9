#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/board_keys.h"

#include <map>
#include <memory>
#include <string>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/auth/fetched_keyset.h"

namespace gatehouse::auth_feature {

namespace {

constexpr std::string_view prefix = auth::keyset_table_prefix;
constexpr ngx_msec_t want_interval_ms = 1000;

struct BoardKeys {
    std::string json;
    std::shared_ptr<const auth::Keyset> keys;
    std::int64_t fetched_at_s = 0;
    bool wanted = false;
    ngx_msec_t wanted_at = 0;
};

std::map<std::string, BoardKeys, std::less<>> all_keys;
std::uint64_t epoch = 1;

Result<void> take(board::Table table)
{
    const auto bytes = table.memory->bytes();
    const auto set =
        auth::read_fetched_keyset({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    auto& held = all_keys[table.name.substr(prefix.size())];
    if (held.keys != nullptr && held.json == set.json) {
        held.fetched_at_s = set.fetched_at_s;
        return {};  // the same once more: what was remembered by it stays good
    }
    auto parsed = auth::parse_keyset(set.json, auth::KeysetOrigin::fetched);
    if (!parsed) {
        return parsed.error();
    }
    for (const auto& warning : parsed->warnings) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "gatehouse: key set \"%s\": %s",
                      table.name.c_str(), warning.c_str());
    }
    held.json = set.json;
    held.keys = std::make_shared<const auth::Keyset>(std::move(parsed->keyset));
    held.fetched_at_s = set.fetched_at_s;
    ++epoch;
    return {};
}

}  // namespace

void take_board_keys()
{
    glue::on_table(prefix, take);
}

const auth::Keyset* board_keys(std::string_view name) noexcept
{
    const auto found = all_keys.find(name);
    const bool believed =
        found != all_keys.end() && glue::now_ms() / 1000 < board_keys_until_s(name);
    return believed ? found->second.keys.get() : nullptr;
}

std::int64_t board_keys_until_s(std::string_view name) noexcept
{
    const auto found = all_keys.find(name);
    return found == all_keys.end() ? 0 : found->second.fetched_at_s + auth::keyset_lifetime_s;
}

std::uint64_t board_keys_epoch() noexcept
{
    return epoch;
}

void want_board_keys(std::string_view name) noexcept
{
    const auto found = all_keys.find(name);
    if (found == all_keys.end()) {
        return;  // the sidecar is fetching it already
    }
    auto& keys = found->second;
    if (keys.wanted && ngx_current_msec - keys.wanted_at < want_interval_ms) {
        return;
    }
    keys.wanted = true;
    keys.wanted_at = ngx_current_msec;
    (void)glue::tell_sidecar(
        {.type = link::Type::wanted, .payload = std::string{prefix} + std::string{name}});
}

}  // namespace gatehouse::auth_feature
