// A step's options, looked up by name, and the columns they name.
//
// Thread safety: free functions without state.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"
#include "src/base/result.h"

namespace gatehouse::steps {

using Indices = std::vector<std::size_t>;
using Columns = std::span<const sidecar::Column>;

/// Whether the step has no other options than these, each of a kind that the step might read.
Result<void> check_known(const config::Step& step, std::initializer_list<std::string_view> names);

/// Whether the option is there, if it must be, and a whole number within the bounds.
Result<void> check_whole(const config::Step& step, const std::string& name, double least,
                         double most, bool required);

/// Whether the option, if it is there, is one of these words.
Result<void> check_word(const config::Step& step, const std::string& name,
                        std::initializer_list<std::string_view> words);

std::string text_option(const config::Step& step, const std::string& name,
                        std::string_view otherwise = "");
std::uint64_t whole_option(const config::Step& step, const std::string& name,
                           std::uint64_t otherwise = 0);
bool flag_option(const config::Step& step, const std::string& name);

/// A list of names; a text is a list of one.
std::vector<std::string> names_option(const config::Step& step, const std::string& name);

/// The column of that name.
Result<std::size_t> column_named(Columns columns, const std::string& name);

/// The columns of an option's names; `*` in a name that no column has stands for any text.
Result<Indices> columns_named(Columns columns, const std::vector<std::string>& names);

/// The columns of numbers that the option "columns" names; where it is not given all of numbers but
/// those in `except`. Fails when there are none or when one named is not of numbers.
Result<Indices> number_columns(const config::Step& step, Columns columns, const Indices& except);

}  // namespace gatehouse::steps
