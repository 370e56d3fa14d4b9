// Between nginx's strings and ours. Both are views: neither owns its bytes.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

namespace gatehouse::glue {

inline std::string_view view(const ngx_str_t& text) noexcept
{
    return {reinterpret_cast<const char*>(text.data), text.len};
}

/// nginx has no const strings: what is lent must still not be written to.
inline ngx_str_t lend(std::string_view text) noexcept
{
    return {text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
}

}  // namespace gatehouse::glue
