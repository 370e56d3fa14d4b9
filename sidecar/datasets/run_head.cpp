#include "sidecar/datasets/run_head.h"

#include <jansson.h>

#include <chrono>
#include <memory>
#include <vector>

#include "src/base/ascii.h"
#include "src/http/query.h"

namespace gatehouse::datasets {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_parameters = 64 << 10;

struct Free {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, Free>;

Failure malformed(const std::string& what)
{
    return {400, what};
}

std::optional<std::string> decoded(std::string_view raw)
{
    std::string out(raw.size(), '\0');
    const auto text = http::percent_decode(raw, out);
    return text && text->find('\0') == text->npos ? std::optional{std::string{*text}}
                                                  : std::nullopt;
}

/// Takes digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits)
{
    if (text.size() < digits) {
        return std::nullopt;
    }
    int number = 0;
    for (const char c : text.substr(0, digits)) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view any_of)
{
    const bool there = !text.empty() && any_of.find(text.front()) != any_of.npos;
    text.remove_prefix(there ? 1 : 0);
    return there;
}

std::optional<std::int64_t> take_date(std::string_view& text)
{
    const auto year = take_number(text, 4);
    const bool one = take(text, "-");
    const auto month = take_number(text, 2);
    const bool two = take(text, "-");
    const auto day = take_number(text, 2);
    if (!year || !one || !month || !two || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? std::optional{std::chrono::sys_days{date}.time_since_epoch().count()}
                     : std::nullopt;
}

/// `.678`: microseconds; further digits are left out.
std::int64_t take_fraction(std::string_view& text)
{
    std::int64_t micros = 0;
    if (!take(text, ".")) {
        return 0;
    }
    std::int64_t unit = 100'000;
    while (!text.empty() && is_digit(text.front())) {
        micros += (text.front() - '0') * unit;
        unit /= 10;
        text.remove_prefix(1);
    }
    return micros;
}

Json value_of(const std::string& text)
{
    Json json{json_loads(text.c_str(), JSON_DECODE_ANY, nullptr)};
    const bool scalar = json && !json_is_object(json.get()) && !json_is_array(json.get()) &&
                        !json_is_string(json.get());
    return scalar ? std::move(json) : Json{json_stringn(text.data(), text.size())};
}

class Query {
public:
    Outcome<RunHead> read(std::string_view query)
    {
        while (!query.empty()) {
            const auto end = query.find('&');
            if (auto failure = read_one(query.substr(0, end))) {
                return *failure;
            }
            query.remove_prefix(end == query.npos ? query.size() : end + 1);
        }
        const std::unique_ptr<char, decltype(&std::free)> text{
            json_dumps(parameters_.get(), JSON_COMPACT | JSON_SORT_KEYS), &std::free};
        head_.parameters = text ? text.get() : "{}";
        if (head_.parameters.size() > longest_parameters) {
            return malformed("The parameters of a run have at most 64 KiB.");
        }
        return std::move(head_);
    }

private:
    std::optional<Failure> read_one(std::string_view pair)
    {
        const auto mark = pair.find('=');
        const auto name = decoded(pair.substr(0, mark));
        const auto value = decoded(mark == pair.npos ? std::string_view{} : pair.substr(mark + 1));
        if (!name || !value) {
            return malformed("The query is malformed.");
        }
        if (*name == "name") {
            return set_name(*value);
        }
        if (*name == "time") {
            return set_time(*value);
        }
        if (*name == "parameters") {
            return set_parameters(*value);
        }
        return name->starts_with("param.") ? set_parameter(name->substr(6), *value) : std::nullopt;
    }

    std::optional<Failure> set_name(const std::string& value)
    {
        if (!head_.name.empty() || value.empty() || value.size() > longest_name) {
            return malformed("The name of a run is said once, in 1 to 255 bytes.");
        }
        head_.name = value;
        return std::nullopt;
    }

    std::optional<Failure> set_time(const std::string& value)
    {
        const auto time = time_in(value);
        if (head_.time_us || !time) {
            return malformed("The time of a run is said once, as in 2026-01-02T03:04:05Z.");
        }
        head_.time_us = time;
        return std::nullopt;
    }

    std::optional<Failure> set_parameters(const std::string& value)
    {
        Json object{json_loadb(value.data(), value.size(), JSON_REJECT_DUPLICATES, nullptr)};
        if (!object || !json_is_object(object.get()) || json_object_size(parameters_.get()) != 0) {
            return malformed("The parameters of a run are said once, as a JSON object.");
        }
        parameters_ = std::move(object);
        return std::nullopt;
    }

    std::optional<Failure> set_parameter(const std::string& name, const std::string& value)
    {
        if (name.empty() || json_object_get(parameters_.get(), name.c_str()) != nullptr ||
            json_object_set_new(parameters_.get(), name.c_str(), value_of(value).release()) != 0) {
            return malformed("A parameter of a run is said once, in UTF-8.");
        }
        return std::nullopt;
    }

    RunHead head_;
    Json parameters_{json_object()};
};

}  // namespace

std::optional<std::int64_t> time_in(std::string_view text)
{
    const auto days = take_date(text);
    if (!days) {
        return std::nullopt;
    }
    std::int64_t seconds = *days * 86'400;
    std::int64_t micros = 0;
    if (take(text, "T ")) {
        const auto hour = take_number(text, 2);
        const bool one = take(text, ":");
        const auto minute = take_number(text, 2);
        const bool two = take(text, ":");
        const auto second = take_number(text, 2);
        if (!hour || !one || !minute || !two || !second || *hour > 23 || *minute > 59 ||
            *second > 59) {
            return std::nullopt;
        }
        seconds += *hour * 3600 + *minute * 60 + *second;
        micros = take_fraction(text);
        (void)take(text, "Z");
    }
    return text.empty() ? std::optional{seconds * 1'000'000 + micros} : std::nullopt;
}

bool is_of_run_head(std::string_view name)
{
    return name == "name" || name == "time" || name == "parameters" || name.starts_with("param.");
}

Outcome<RunHead> run_head_in(std::string_view query)
{
    return Query{}.read(query);
}

}  // namespace gatehouse::datasets
