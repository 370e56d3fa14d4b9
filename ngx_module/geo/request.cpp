#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/request.h"

#include <algorithm>

#include "ngx_module/geo/module.h"
#include "ngx_module/glue/address.h"
#include "ngx_module/glue/pool.h"

namespace gatehouse::geo_feature {

Origin* Origin::of(ngx_http_request_t& r)
{
    auto& slot = r.main->ctx[ngx_http_gatehouse_geo_module.ctx_index];
    auto* origin = static_cast<Origin*>(slot);
    const auto address = glue::address_of(*r.connection);
    if (origin == nullptr) {
        const auto& databases = databases_in_force();
        if (databases == nullptr) {
            return nullptr;
        }
        origin = &glue::Pool{r.main->pool}.make<Origin>(databases);
        slot = origin;
        origin->start_over(address);
    } else if (!origin->is_of(address)) {
        origin->start_over(address);
    }
    return origin;
}

Origin::Origin(std::shared_ptr<const DatabaseSet> databases) noexcept
    : databases_(std::move(databases))
{
}

void Origin::start_over(std::span<const std::uint8_t> address) noexcept
{
    std::copy(address.begin(), address.end(), address_.begin());
    address_size_ = address.size();
    asked_ = 0;
}

bool Origin::is_of(std::span<const std::uint8_t> address) const noexcept
{
    return std::equal(address.begin(), address.end(), address_.begin(),
                      address_.begin() + static_cast<std::ptrdiff_t>(address_size_));
}

std::optional<geo::Database::Record> Origin::record(std::size_t database)
{
    for (; asked_ <= database; ++asked_) {
        records_[asked_] = (*databases_)[asked_]->find({address_.data(), address_size_});
    }
    return records_[database];
}

std::string_view Origin::text(geo::Field field)
{
    for (std::size_t i = 0; i < databases_->size(); ++i) {
        if (const auto found = record(i)) {
            if (const auto said = (*databases_)[i]->text(*found, field); !said.empty()) {
                return said;
            }
        }
    }
    return {};
}

std::uint32_t Origin::asn()
{
    for (std::size_t i = 0; i < databases_->size(); ++i) {
        if (const auto found = record(i)) {
            if (const auto said = (*databases_)[i]->asn(*found); said != 0) {
                return said;
            }
        }
    }
    return 0;
}

}  // namespace gatehouse::geo_feature
