// The words of a directive in which NAME="a value; with spaces" is one word.
//
// nginx itself takes a quote as one only at the beginning of a word: it would end such a directive
// at the semicolon. This reads on from there.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <vector>

namespace gatehouse::glue {

/// The words of the directive that is being read, quotes removed; [0] is its name. Nothing if a
/// quote is not closed; it has been said.
std::optional<std::vector<ngx_str_t>> quoted_words(ngx_conf_t& cf);

}  // namespace gatehouse::glue
