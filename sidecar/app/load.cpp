#include "sidecar/app/load.h"

#include "sidecar/config/load.h"
#include "sidecar/health/profiles.h"
#include "sidecar/steps/steps.h"

namespace gatehouse::app {

void refuse(config::Diagnostics& diagnostics, const std::string& file, const std::string& why)
{
    config::Diagnostic diagnostic;
    diagnostic.file = file;
    diagnostic.message = why;
    diagnostics.add(std::move(diagnostic));
}

Result<sidecar::Access> access_for(const config::Link& link)
{
    const auto group = sidecar::group_id(link.group);
    return group ? sidecar::Access::of(link.users, *group) : group.error();
}

std::optional<config::Config> load(const Options& options, config::Diagnostics& diagnostics)
{
    auto config =
        config::load(options.config_file, {options.prefix, {}, steps::check, checks::check_profile},
                     diagnostics);
    if (!config) {
        return std::nullopt;
    }
    if (const auto access = access_for(config->link); !access) {
        refuse(diagnostics, config->file, access.error().message);
        return std::nullopt;
    }
    return config;
}

}  // namespace gatehouse::app
