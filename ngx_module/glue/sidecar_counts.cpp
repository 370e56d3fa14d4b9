#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_counts.h"

#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::glue {

namespace {

telemetry::SidecarCounts told;

Result<void> take(board::Table table)
{
    const auto bytes = table.memory->bytes();
    told = telemetry::parse_sidecar_counts(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return {};
}

}  // namespace

void follow_sidecar_counts()
{
    on_table(telemetry::sidecar_counts_table, take);
}

const telemetry::SidecarCounts& sidecar_counts() noexcept
{
    return told;
}

std::uint64_t sidecar_count(std::string_view kind, std::string_view name)
{
    const auto found = told.find({std::string{kind}, std::string{name}});
    return found == told.end() ? 0 : found->second;
}

}  // namespace gatehouse::glue
