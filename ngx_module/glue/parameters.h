// The parameters of a directive that come as words, such as `zone=api:1m` or `nodelay`.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <span>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::glue {

/// `invalid parameter "WORD" in "DIRECTIVE": WHY`
char* refuse_parameter(ngx_conf_t& cf, const ngx_str_t& word, const std::string& why);

/// Refuses a name that stands before `=` twice, and a word without one that does; accepted if there
/// is none.
char* refuse_repeated(ngx_conf_t& cf, std::span<const ngx_str_t> words);

/// What `zone=` says where a zone is defined.
struct ZoneParameter {
    std::string name;  ///< needs no escape in a header field, in JSON, and in a metric's label
    std::size_t bytes;
};

/// Reads "NAME:SIZE". The error says what is expected.
Result<ZoneParameter> parse_zone(std::string_view value);

}  // namespace gatehouse::glue
