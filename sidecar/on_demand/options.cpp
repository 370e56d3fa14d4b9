#include "sidecar/on_demand/options.h"

#include <algorithm>
#include <array>

#include "sidecar/base/parameter.h"

namespace gatehouse::on_demand {

namespace {

using Reason = std::optional<std::string>;
using config::QueryOptions;

struct Operator {
    std::string_view text;
    Comparison comparison;
};

/// Longer ones first: `>=` is no `>`.
constexpr std::array<Operator, 7> operators{{{">=", Comparison::at_least},
                                             {"<=", Comparison::at_most},
                                             {"!=", Comparison::not_equal},
                                             {"=", Comparison::equal},
                                             {">", Comparison::more},
                                             {"<", Comparison::less},
                                             {"~", Comparison::contains}}};

/// Takes the text up to the next comma off the front of `rest`.
std::string_view take_item(std::string_view& rest)
{
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    return item;
}

std::size_t count_items(std::string_view text)
{
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), ','));
}

bool is_column(std::string_view name)
{
    return !name.empty() && name.size() <= longest_column;
}

Reason read_fields(const config::Card& /*card*/, std::string_view text, Options& out)
{
    if (count_items(text) > most_fields) {
        return "must name at most " + std::to_string(most_fields) + " columns";
    }
    for (std::size_t left = count_items(text); left > 0; --left) {
        const std::string name{take_item(text)};
        if (!is_column(name)) {
            return "must be names of columns, such as a,b";
        }
        if (std::find(out.fields.begin(), out.fields.end(), name) != out.fields.end()) {
            return "must name a column once";
        }
        out.fields.push_back(name);
    }
    return std::nullopt;
}

Reason read_sort(const config::Card& /*card*/, std::string_view text, Options& out)
{
    if (count_items(text) > most_sort_keys) {
        return "must name at most " + std::to_string(most_sort_keys) + " columns";
    }
    for (std::size_t left = count_items(text); left > 0; --left) {
        std::string_view name = take_item(text);
        const bool descending = name.starts_with('-');
        name.remove_prefix(descending ? 1 : 0);
        const auto same = [&](const SortKey& key) { return key.column == name; };
        if (!is_column(name)) {
            return "must be names of columns, such as a,-b";
        }
        if (std::any_of(out.sort.begin(), out.sort.end(), same)) {
            return "must name a column once";
        }
        out.sort.push_back({std::string{name}, descending});
    }
    return std::nullopt;
}

/// A value up to the next comma, or "in quotes" that hold commas and `""` for a quote. Nothing if a
/// quote is not closed or something follows it.
std::optional<std::string> take_value(std::string_view& rest)
{
    if (!rest.starts_with('"')) {
        return std::string{take_item(rest)};
    }
    std::string value;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] != '"') {
            value += rest[i];
        } else if (rest.substr(i).starts_with("\"\"")) {
            value += rest[i++];
        } else {
            rest.remove_prefix(i + 1);
            const bool ends = rest.empty() || rest.front() == ',';
            rest.remove_prefix(rest.empty() ? 0 : 1);
            return ends ? std::optional{value} : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Condition> take_condition(std::string_view& rest)
{
    const auto at = rest.find_first_of("!<>=~,\"");
    if (at == rest.npos || !is_column(rest.substr(0, at))) {
        return std::nullopt;
    }
    Condition out;
    out.column = rest.substr(0, at);
    rest.remove_prefix(at);
    const auto op = std::find_if(operators.begin(), operators.end(),
                                 [&](const Operator& each) { return rest.starts_with(each.text); });
    if (op == operators.end()) {
        return std::nullopt;
    }
    out.comparison = op->comparison;
    rest.remove_prefix(op->text.size());
    auto value = take_value(rest);
    if (!value) {
        return std::nullopt;
    }
    out.text = std::move(*value);
    return out;
}

Reason read_filter(const config::Card& /*card*/, std::string_view text, Options& out)
{
    if (text.ends_with(',')) {
        return "must not end with a comma";
    }
    do {
        if (out.filter.size() == most_conditions) {
            return "must have at most " + std::to_string(most_conditions) + " conditions";
        }
        auto condition = take_condition(text);
        if (!condition) {
            return "must be conditions such as a>=1,b=\"x\", with = != < <= > >= or ~ (contains)";
        }
        out.filter.push_back(std::move(*condition));
    } while (!text.empty());
    return std::nullopt;
}

Reason read_count(std::string_view text, double most, std::optional<std::uint64_t>& out)
{
    sidecar::Parameter rule;
    rule.type = sidecar::ParameterType::integer;
    rule.minimum = 1;
    rule.maximum = most;
    const auto value = parse_value(rule, text);
    if (!value) {
        return value.error().message;
    }
    out = static_cast<std::uint64_t>(std::get<std::int64_t>(*value));
    return std::nullopt;
}

Reason read_limit(const config::Card& card, std::string_view text, Options& out)
{
    return read_count(text, static_cast<double>(card.max_rows), out.limit);
}

/// Fewer points than the card's own, or as many.
Reason read_points(const config::Card& card, std::string_view text, Options& out)
{
    double most = 0;
    for (const config::Step& step : card.steps) {
        const auto points = step.number.find("points");
        most = points == step.number.end() ? most : std::max(most, points->second);
    }
    return read_count(text, most, out.points);
}

Reason read_cursor(const config::Card& /*card*/, std::string_view text, Options& out)
{
    out.after = cursor_values(text);
    return out.after ? std::nullopt : Reason{"must be that of an answer with the same sort"};
}

struct Option {
    std::string_view name;
    bool QueryOptions::*allowed;
    Reason (*read)(const config::Card& card, std::string_view text, Options& out);
};

constexpr std::array<Option, 6> options{{{"fields", &QueryOptions::fields, read_fields},
                                         {"filter", &QueryOptions::filter, read_filter},
                                         {"sort", &QueryOptions::sort, read_sort},
                                         {"limit", &QueryOptions::limit, read_limit},
                                         {"cursor", &QueryOptions::cursor, read_cursor},
                                         {"points", &QueryOptions::points, read_points}}};

}  // namespace

Reason read_option(const config::Card& card, std::string_view name, std::string_view text,
                   Options& out)
{
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const Option& each) { return each.name == name; });
    if (option == options.end() || !(card.query.*(option->allowed))) {
        return "is not known here";
    }
    return option->read(card, text, out);
}

std::vector<SortKey> with_key(std::vector<SortKey> sort, const std::string& key)
{
    const bool there = std::any_of(sort.begin(), sort.end(),
                                   [&](const SortKey& each) { return each.column == key; });
    if (!key.empty() && !there) {
        sort.push_back({key, false});
    }
    return sort;
}

}  // namespace gatehouse::on_demand
