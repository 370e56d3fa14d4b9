#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/parameters.h"

#include <unistd.h>

#include <algorithm>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t smallest_zone = std::size_t{64} << 10;

std::string_view name_of(const ngx_str_t& word) noexcept
{
    const auto text = view(word);
    return text.substr(0, text.find('='));
}

bool is_zone_name(std::string_view name) noexcept
{
    const auto is_fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), is_fit);
}

std::size_t machine_memory() noexcept
{
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Whether it is a size at all, however large: nginx's own functions tell none from too much.
bool is_size(std::string_view text) noexcept
{
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto unit = text.substr(digits);
    return digits > 0 && (unit.empty() || (unit.size() == 1 && unit.find_first_of("kKmMgG") == 0));
}

Result<std::size_t> parse_size(std::string_view text)
{
    ngx_str_t lent = lend(text);
    const off_t bytes = ngx_parse_offset(&lent);
    const bool too_large = bytes == NGX_ERROR && is_size(text);
    if (too_large || (bytes > 0 && static_cast<std::size_t>(bytes) > machine_memory())) {
        return Error{"the size is more than this machine has, " +
                     std::to_string(machine_memory() >> 20) + "m"};
    }
    if (bytes < static_cast<off_t>(smallest_zone)) {
        return Error{"the size must be at least 64k, such as \"1m\""};
    }
    return static_cast<std::size_t>(bytes);
}

}  // namespace

char* refuse_parameter(ngx_conf_t& cf, const ngx_str_t& word, const std::string& why)
{
    return refuse(cf, "invalid parameter \"" + std::string{view(word)} + "\" in \"" +
                          std::string{view(words(cf)[0])} + "\": " + why);
}

char* refuse_repeated(ngx_conf_t& cf, std::span<const ngx_str_t> words)
{
    for (auto word = words.begin(); word != words.end(); ++word) {
        const auto is_same = [&](const ngx_str_t& other) {
            return name_of(other) == name_of(*word);
        };
        if (std::any_of(words.begin(), word, is_same)) {
            return refuse(cf, "duplicate parameter \"" + std::string{view(*word)} + "\" in \"" +
                                  std::string{view(glue::words(cf)[0])} + "\"");
        }
    }
    return accepted;
}

Result<ZoneParameter> parse_zone(std::string_view value)
{
    const auto colon = value.find(':');
    if (colon == std::string_view::npos) {
        return Error{"it must be zone=NAME:SIZE"};
    }
    const auto name = value.substr(0, colon);
    if (!is_zone_name(name)) {
        return Error{"a name has 1 to 64 letters, digits, \"_\", \"-\" and \".\""};
    }
    const auto bytes = parse_size(value.substr(colon + 1));
    if (!bytes) {
        return bytes.error();
    }
    return ZoneParameter{std::string{name}, *bytes};
}

}  // namespace gatehouse::glue
