// Where a request comes from: looked up once for each address that it had, in as many databases as
// it takes.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ngx_module/geo/databases.h"

namespace gatehouse::geo_feature {

class Origin {
public:
    /// Of the client that nginx knows now: a location's realip may have changed it. nullptr where
    /// there are no databases. Lives as long as the request.
    static Origin* of(ngx_http_request_t& r);

    explicit Origin(std::shared_ptr<const DatabaseSet> databases) noexcept;

    /// What the first database says that says something; empty, and 0, if none does. Texts live as
    /// long as the request.
    std::string_view text(geo::Field field);
    std::uint32_t asn();

private:
    void start_over(std::span<const std::uint8_t> address) noexcept;
    bool is_of(std::span<const std::uint8_t> address) const noexcept;
    std::optional<geo::Database::Record> record(std::size_t database);

    std::shared_ptr<const DatabaseSet> databases_;
    std::array<std::uint8_t, 16> address_{};
    std::size_t address_size_ = 0;
    std::size_t asked_ = 0;  ///< so many databases were
    std::array<std::optional<geo::Database::Record>, most_databases> records_{};
};

}  // namespace gatehouse::geo_feature
