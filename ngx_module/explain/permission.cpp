#include "ngx_module/glue/ngx.h"

#include "ngx_module/explain/permission.h"

#include <sys/mman.h>

#include "ngx_module/explain/used_list.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::explain_feature {

namespace {

std::optional<auth::ExplainKey> key;

/// In memory that outlives configurations. nullptr: nothing is believed.
UsedList* used = nullptr;

Result<void> take_key(board::Table table)
{
    const auto bytes = table.memory->bytes();
    key = auth::ExplainKey::from_table({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return key ? Result<void>{} : Error{"it is no key of explain"};
}

}  // namespace

void follow_key()
{
    glue::on_table(auth::ExplainKey::table, take_key);
}

void share_used()
{
    if (used != nullptr) {
        return;
    }
    void* memory = ::mmap(nullptr, sizeof(UsedList), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        used = new (memory) UsedList;
    }
}

std::optional<auth::ExplainPermission> redeem(std::string_view value)
{
    if (!key || used == nullptr) {
        return std::nullopt;
    }
    const auto now_s = glue::now_ms() / 1000;
    auto permission = key->verify(value, now_s);
    const bool first =
        permission && used->take(permission->nonce, static_cast<std::uint32_t>(now_s),
                                 static_cast<std::uint32_t>(permission->expires_s));
    return first ? std::move(permission) : std::nullopt;
}

}  // namespace gatehouse::explain_feature
