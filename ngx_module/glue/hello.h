// What a worker tells the sidecar about itself, beyond what the link knows: features contribute,
// the link sends.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::glue {

/// Makes `"member":json` part of every hello from now on, in place of what the member was before.
/// To be called in init_module. All members together must stay within hello_limit bytes.
void say_in_hello(std::string_view member, std::string json);

/// All members, each with a comma before it.
const std::string& hello_members() noexcept;

inline constexpr std::size_t hello_limit = 60 << 10;

/// Memory that the sidecar may read: it gets the descriptor under this name after each hello. The
/// descriptor stays the caller's, must stay open, and its size must be sealed
/// (src/base/shared_memory.h) unless it is a file's. The same name again replaces; -1 takes it
/// away. In init_module.
struct SharedRegion {
    std::string name;  ///< such as "telemetry", "limit:NAME"
    int fd;
};
void share_region(std::string_view name, int fd);
const std::vector<SharedRegion>& shared_regions() noexcept;

}  // namespace gatehouse::glue
