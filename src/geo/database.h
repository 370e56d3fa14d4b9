// A database of networks: country, city, autonomous system. Files of MaxMind's format (.mmdb), by
// whoever made them: the usual layouts of records are known.
//
// The file's bytes are in memory that cannot change (src/base/sealed_memory.h): whatever becomes of
// the file, a look-up reads what was verified.
//
// Thread safety: none; find and the texts remember what they found.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"

struct MMDB_s;

namespace gatehouse::geo {

/// What a record may say.
enum class Field : std::uint8_t { country, continent, city, as_org };

class Database {
public:
    using Memory = std::shared_ptr<const SealedMemory>;

    /// REQUIRES: verify (verify.h) has accepted the bytes, here or in a process that is trusted.
    /// Microseconds, whatever the size.
    static Result<std::shared_ptr<const Database>> open(Memory memory);

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// A record, for the calls below.
    using Record = std::uint32_t;

    /// `address`: 4 or 16 bytes in network order; ::ffff:a.b.c.d is looked up as IPv4. Nothing if
    /// the database has none of it; an IPv6 address in a database of IPv4 is such a one.
    std::optional<Record> find(std::span<const std::uint8_t> address) const noexcept;

    /// Empty: not said. A country is an ISO 3166-1 code, a continent two letters, a city's name
    /// English. Lives as long as the database.
    std::string_view text(Record record, Field field) const noexcept;

    /// 0: not said.
    std::uint32_t asn(Record record) const noexcept;

    /// False: no record has a member by any name that is known for it. Reads all of the file.
    bool may_say_country() const;
    bool may_say_asn() const;

    std::string_view type() const noexcept;    ///< what it calls itself: "GeoLite2-City"
    std::int64_t built_at_s() const noexcept;  ///< Unix time
    const Memory& memory() const noexcept { return memory_; }

private:
    static constexpr std::size_t fields = 4;

    /// What was found in a record. Few records have most of the clients.
    struct Known {
        std::uint32_t record_plus_1 = 0;
        std::uint8_t texts_known = 0;  ///< a bit per field
        bool asn_known = false;
        std::uint32_t asn = 0;
        std::array<std::string_view, fields> texts;
    };
    static constexpr std::size_t known_records = 1024;

    Database(Memory memory, std::unique_ptr<MMDB_s> opened);
    Known& known(Record record) const noexcept;

    Memory memory_;
    std::unique_ptr<MMDB_s> opened_;
    mutable std::vector<Known> known_;
};

}  // namespace gatehouse::geo
