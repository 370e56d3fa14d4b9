#include "src/geo/database.h"

#include <maxminddb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace gatehouse::geo {

namespace {

/// The names of a value on its way down from the record, nullptr at the end.
using Path = std::array<const char*, 4>;

// The first of a list that is there, and sound, counts. Records of MaxMind, DB-IP and IP2Location
// hold maps of maps; those of others are flat.
constexpr Path country_paths[] = {{"country", "iso_code"}, {"country_code"}, {"country"}};
constexpr Path continent_paths[] = {{"continent", "code"}, {"continent_code"}, {"continent"}};
constexpr Path city_paths[] = {{"city", "names", "en"}, {"city"}, {"city_name"}};
constexpr Path as_org_paths[] = {{"autonomous_system_organization"},
                                 {"traits", "autonomous_system_organization"},
                                 {"as_name"},
                                 {"as_org"},
                                 {"asn_org"}};
constexpr Path asn_paths[] = {
    {"autonomous_system_number"}, {"traits", "autonomous_system_number"}, {"asn"}, {"as_number"}};

std::optional<MMDB_entry_data_s> get(const MMDB_s& database, std::uint32_t record, const Path& path)
{
    MMDB_entry_s entry{&database, record};
    MMDB_entry_data_s data{};
    const bool found = MMDB_aget_value(&entry, &data, path.data()) == MMDB_SUCCESS && data.has_data;
    return found ? std::optional{data} : std::nullopt;
}

bool is_two_letters(std::string_view text) noexcept
{
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return text.size() == 2 && is_letter(text[0]) && is_letter(text[1]);
}

/// Texts go into header fields and logs.
bool is_printable(std::string_view text) noexcept
{
    return !text.empty() && std::none_of(text.begin(), text.end(),
                                         [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string_view find_text(const MMDB_s& database, std::uint32_t record,
                           std::span<const Path> paths, bool (*is_sound)(std::string_view) noexcept)
{
    for (const auto& path : paths) {
        const auto data = get(database, record, path);
        if (data && data->type == MMDB_DATA_TYPE_UTF8_STRING) {
            const std::string_view text{data->utf8_string, data->data_size};
            if (is_sound(text)) {
                return text;
            }
        }
    }
    return {};
}

std::string_view find_text(const MMDB_s& database, std::uint32_t record, Field field)
{
    switch (field) {
    case Field::country: return find_text(database, record, country_paths, is_two_letters);
    case Field::continent: return find_text(database, record, continent_paths, is_two_letters);
    case Field::city: return find_text(database, record, city_paths, is_printable);
    case Field::as_org: return find_text(database, record, as_org_paths, is_printable);
    }
    return {};
}

/// "AS64500" or "64500"; 0 if it is none.
std::uint32_t parse_asn(std::string_view text) noexcept
{
    if (text.starts_with("AS")) {
        text.remove_prefix(2);
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

std::uint32_t find_asn(const MMDB_s& database, std::uint32_t record)
{
    for (const auto& path : asn_paths) {
        const auto data = get(database, record, path);
        if (!data) {
            continue;
        }
        switch (data->type) {
        case MMDB_DATA_TYPE_UINT16: return data->uint16;
        case MMDB_DATA_TYPE_UINT32: return data->uint32;
        case MMDB_DATA_TYPE_UTF8_STRING: return parse_asn({data->utf8_string, data->data_size});
        default: break;
        }
    }
    return 0;
}

/// Whether the last name of any of the paths stands anywhere as a text.
bool mentions(std::span<const std::byte> bytes, std::span<const Path> paths)
{
    return std::any_of(paths.begin(), paths.end(), [&](const Path& path) {
        const auto end = std::find(path.begin(), path.end(), nullptr);
        const std::string_view name = *std::prev(end);
        const auto text = static_cast<char>(MMDB_DATA_TYPE_UTF8_STRING << 5 | name.size());
        const auto wanted = text + std::string{name};
        return ::memmem(bytes.data(), bytes.size(), wanted.data(), wanted.size()) != nullptr;
    });
}

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct Address {
    explicit Address(std::span<const std::uint8_t> bytes) noexcept
    {
        if (bytes.size() == 16 &&
            std::memcmp(bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0) {
            bytes = bytes.subspan(mapped_prefix.size());
        }
        if (bytes.size() == 4) {
            v4.sin_family = AF_INET;
            std::memcpy(&v4.sin_addr, bytes.data(), 4);
        } else if (bytes.size() == 16) {
            v6 = {};
            v6.sin6_family = AF_INET6;
            std::memcpy(&v6.sin6_addr, bytes.data(), 16);
        }
    }

    union {
        sockaddr any;
        sockaddr_in v4{};
        sockaddr_in6 v6;
    };
};

}  // namespace

Database::Database(Memory memory, std::unique_ptr<MMDB_s> opened)
    : memory_(std::move(memory)), opened_(std::move(opened)), known_(known_records)
{
}

Database::~Database()
{
    MMDB_close(opened_.get());
}

Result<std::shared_ptr<const Database>> Database::open(Memory memory)
{
    const auto path = "/proc/self/fd/" + std::to_string(memory->fd());
    auto opened = std::make_unique<MMDB_s>();
    if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, opened.get());
        status != MMDB_SUCCESS) {
        return Error{std::string{"libmaxminddb refuses it: "} + MMDB_strerror(status)};
    }
    return std::shared_ptr<const Database>{new Database{std::move(memory), std::move(opened)}};
}

std::optional<Database::Record> Database::find(std::span<const std::uint8_t> address) const noexcept
{
    const Address asked{address};
    if (asked.any.sa_family == AF_UNSPEC) {
        return std::nullopt;
    }
    int error = MMDB_SUCCESS;
    const auto found = MMDB_lookup_sockaddr(opened_.get(), &asked.any, &error);
    return error == MMDB_SUCCESS && found.found_entry ? std::optional{found.entry.offset}
                                                      : std::nullopt;
}

Database::Known& Database::known(Record record) const noexcept
{
    constexpr std::uint32_t golden = 0x9e37'79b9;
    auto& known = known_[record * golden >> 22];
    static_assert(known_records == std::size_t{1} << (32 - 22));
    if (known.record_plus_1 != record + 1) {
        known = {};
        known.record_plus_1 = record + 1;
    }
    return known;
}

std::string_view Database::text(Record record, Field field) const noexcept
{
    auto& known = this->known(record);
    const auto index = static_cast<unsigned>(field);
    if ((known.texts_known >> index & 1) == 0) {
        known.texts[index] = find_text(*opened_, record, field);
        known.texts_known |= static_cast<std::uint8_t>(1 << index);
    }
    return known.texts[index];
}

std::uint32_t Database::asn(Record record) const noexcept
{
    auto& known = this->known(record);
    if (!known.asn_known) {
        known.asn = find_asn(*opened_, record);
        known.asn_known = true;
    }
    return known.asn;
}

bool Database::may_say_country() const
{
    return mentions(memory_->bytes(), country_paths);
}

bool Database::may_say_asn() const
{
    return mentions(memory_->bytes(), asn_paths);
}

std::string_view Database::type() const noexcept
{
    return opened_->metadata.database_type;
}

std::int64_t Database::built_at_s() const noexcept
{
    return static_cast<std::int64_t>(opened_->metadata.build_epoch);
}

}  // namespace gatehouse::geo
