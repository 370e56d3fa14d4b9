#include "sidecar/audit/key.h"

#include <filesystem>

#include "sidecar/base/log.h"
#include "src/audit/key_file.h"

namespace gatehouse::audit_log {

Result<std::string> key_of(const config::Audit& settings)
{
    if (!settings.key.empty()) {
        return settings.key;
    }
    std::error_code failed;
    if (std::filesystem::symlink_status(settings.key_file, failed).type() !=
        std::filesystem::file_type::not_found) {
        return audit::read_key_file(settings.key_file);
    }
    sidecar::log::info("making a key for the audit log", {{"file", settings.key_file}});
    return audit::make_key_file(settings.key_file);
}

}  // namespace gatehouse::audit_log
