#include "sidecar/steps/options.h"

#include <algorithm>
#include <cmath>

#include "sidecar/base/suggest.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

std::string joined(std::initializer_list<std::string_view> words)
{
    std::string out;
    for (const std::string_view word : words) {
        out += (out.empty() ? "\"" : ", \"") + std::string(word) + '"';
    }
    return out;
}

bool is_among(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <class Options>
std::optional<std::string> unknown(const Options& options,
                                   std::initializer_list<std::string_view> known)
{
    for (const auto& [name, value] : options) {
        if (!is_among(name, known)) {
            return name;
        }
    }
    return std::nullopt;
}

/// Whether the name is the pattern, in which `*` stands for any text.
bool fits(std::string_view pattern, std::string_view name)
{
    std::size_t p = 0, n = 0, star = pattern.npos, matched = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            matched = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p;
            ++n;
        } else if (star != pattern.npos) {
            p = star + 1;
            n = ++matched;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::optional<std::size_t> exact(Columns columns, std::string_view name)
{
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& column) { return column.name == name; });
    return found != columns.end() ? std::optional<std::size_t>(found - columns.begin())
                                  : std::nullopt;
}

Indices matching(Columns columns, std::string_view name)
{
    if (const auto one = exact(columns, name)) {
        return {*one};
    }
    Indices found;
    for (std::size_t i = 0; name.find('*') != name.npos && i < columns.size(); ++i) {
        if (fits(name, columns[i].name)) {
            found.push_back(i);
        }
    }
    return found;
}

Error no_column(Columns columns, const std::string& name)
{
    std::vector<std::string> names;
    for (const sidecar::Column& column : columns) {
        names.push_back(column.name);
    }
    const auto near = sidecar::did_you_mean(name, names);
    return {"there is no column \"" + name + '"' +
            (near ? "; did you mean \"" + *near + "\"?" : "")};
}

bool contains(const Indices& all, std::size_t one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

Result<void> check_known(const config::Step& step, std::initializer_list<std::string_view> names)
{
    for (const auto& name :
         {unknown(step.text, names), unknown(step.number, names), unknown(step.flag, names),
          unknown(step.names, names), unknown(step.numbers, names)}) {
        if (name) {
            return Error{"option \"" + *name + "\" is not known"};
        }
    }
    if (!step.values.empty() && !is_among("values", names)) {
        return Error{"an object is no option of this step"};
    }
    return {};
}

Result<void> check_whole(const config::Step& step, const std::string& name, double least,
                         double most, bool required)
{
    const auto found = step.number.find(name);
    if (found == step.number.end()) {
        return required ? Result<void>(Error{'"' + name + "\" is missing"}) : Result<void>();
    }
    const double value = found->second;
    if (!(value >= least && value <= most) || value != std::floor(value)) {
        return Error{'"' + name + "\" must be a whole number from " +
                     std::to_string(static_cast<std::uint64_t>(least)) + " to " +
                     std::to_string(static_cast<std::uint64_t>(most))};
    }
    return {};
}

Result<void> check_word(const config::Step& step, const std::string& name,
                        std::initializer_list<std::string_view> words)
{
    const auto found = step.text.find(name);
    if (found == step.text.end() || is_among(found->second, words)) {
        return {};
    }
    return Error{name + " \"" + found->second + "\" is not known; there is " + joined(words)};
}

std::string text_option(const config::Step& step, const std::string& name,
                        std::string_view otherwise)
{
    const auto found = step.text.find(name);
    return found != step.text.end() ? found->second : std::string(otherwise);
}

std::uint64_t whole_option(const config::Step& step, const std::string& name,
                           std::uint64_t otherwise)
{
    const auto found = step.number.find(name);
    return found != step.number.end() ? static_cast<std::uint64_t>(found->second) : otherwise;
}

bool flag_option(const config::Step& step, const std::string& name)
{
    const auto found = step.flag.find(name);
    return found != step.flag.end() && found->second;
}

std::vector<std::string> names_option(const config::Step& step, const std::string& name)
{
    if (const auto one = step.text.find(name); one != step.text.end()) {
        return {one->second};
    }
    const auto found = step.names.find(name);
    return found != step.names.end() ? found->second : std::vector<std::string>{};
}

Result<std::size_t> column_named(Columns columns, const std::string& name)
{
    const auto found = exact(columns, name);
    return found ? Result<std::size_t>(*found) : no_column(columns, name);
}

Result<Indices> columns_named(Columns columns, const std::vector<std::string>& names)
{
    Indices all;
    for (const std::string& name : names) {
        const Indices found = matching(columns, name);
        if (found.empty()) {
            return no_column(columns, name);
        }
        std::copy_if(found.begin(), found.end(), std::back_inserter(all),
                     [&](std::size_t index) { return !contains(all, index); });
    }
    return all;
}

Result<Indices> number_columns(const config::Step& step, Columns columns, const Indices& except)
{
    const auto named = columns_named(columns, names_option(step, "columns"));
    if (!named) {
        return named.error();
    }
    Indices chosen = *named;
    for (const std::size_t index : chosen) {
        if (!is_number(columns[index].type)) {
            return Error{"column \"" + columns[index].name + "\" is " +
                         std::string(sidecar::name_of(columns[index].type.id)) + ", not a number"};
        }
    }
    if (names_option(step, "columns").empty()) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (is_number(columns[i].type) && !contains(except, i)) {
                chosen.push_back(i);
            }
        }
    }
    if (chosen.empty()) {
        return Error{"there is no column of numbers"};
    }
    return chosen;
}

}  // namespace gatehouse::steps
