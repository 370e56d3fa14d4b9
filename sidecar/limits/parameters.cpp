#include "sidecar/limits/parameters.h"

#include <charconv>

#include "src/http/query.h"

namespace gatehouse::limits {

std::string parameter(std::string_view query, std::string_view name)
{
    const auto found = http::find_parameter(query, name);
    std::string text(found.raw_value.size(), '\0');
    const auto decoded = http::percent_decode(found.raw_value, {text.data(), text.size()});
    return decoded ? std::string{*decoded} : std::string{};
}

Result<std::optional<std::uint64_t>> number_parameter(std::string_view query, std::string_view name)
{
    const auto text = parameter(query, name);
    if (text.empty()) {
        return std::optional<std::uint64_t>{};
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return Error{std::string{name} + " is a whole number, not \"" + text + "\""};
    }
    return std::optional{number};
}

Result<KeyQuery> key_query(std::string_view query)
{
    const auto form = parameter(query, "form");
    if (!form.empty() && form != "text" && form != "hex") {
        return Error{"form is text or hex, not \"" + form + "\""};
    }
    const auto burst = number_parameter(query, "burst");
    if (!burst) {
        return burst.error();
    }
    KeyQuery asked;
    asked.key = parameter(query, "key");
    asked.form = form == "text" ? KeyForm::text : form == "hex" ? KeyForm::hex : KeyForm::automatic;
    asked.said = {parameter(query, "rate"), parameter(query, "quota"), *burst};
    return asked;
}

}  // namespace gatehouse::limits
