// What the link's directives say, kept apart from nginx's cycle: a worker outlives the pool of the
// configuration it was started with.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::link_feature {

struct Settings {
    std::string socket;      ///< empty: off
    std::string board_file;  ///< empty: off
    std::uint64_t timeout_ms = 3000;
};

}  // namespace gatehouse::link_feature
