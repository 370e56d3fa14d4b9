#include "src/http/vary.h"

#include "src/http/token.h"

namespace gatehouse::http {

std::string missing_in_vary(std::string_view vary, std::span<const VaryName> names)
{
    std::string missing;
    if (has_member(vary, "*")) {
        return missing;
    }
    for (const auto& name : names) {
        if (!has_member(vary, name.lower)) {
            missing.append(missing.empty() ? "" : ", ").append(name.text);
        }
    }
    return missing;
}

}  // namespace gatehouse::http
