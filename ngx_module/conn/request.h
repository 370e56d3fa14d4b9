// The places a request holds: taken when a cap first applies, given back with the request's pool.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <optional>

#include "ngx_module/conn/conf.h"

namespace gatehouse::conn_feature {

enum class Status : std::uint8_t { passed, rejected, rejected_dry_run };

/// One place in one zone.
struct Place {
    const ZoneConf* zone = nullptr;
    conn::Class of = conn::Class::any;
    bool shown = false;  ///< in the zone's gauge, which counts requests, not places
    conn::Hold hold;
    Place* next = nullptr;
};

class RequestState {
public:
    /// nullptr: no cap has applied yet. Survives internal redirects, which wipe the context.
    static RequestState* find(ngx_http_request_t& r) noexcept;
    static RequestState& make(ngx_http_request_t& r);

    RequestState() = default;
    RequestState(const RequestState&) = delete;
    RequestState& operator=(const RequestState&) = delete;
    ~RequestState() { leave_all(); }

    bool holds(const ZoneConf& zone, conn::Class of) const noexcept;
    void add(ngx_http_request_t& r, const ZoneConf& zone, conn::Class of, conn::Hold hold);
    void leave(conn::Class of) noexcept;
    void leave_all() noexcept;

    Status status = Status::passed;

    /// What the request says it wants to become, once that was asked. Until it has become so, it
    /// counts as `http` too.
    std::optional<conn::Class> claim;

private:
    void leave(Place& place) noexcept;
    Place* held_in(const ZoneConf& zone) const noexcept;

    Place first_;  // most requests need no other
    Place* places_ = nullptr;
};

/// What the request's header claims it to be.
conn::Class claim_of(const ngx_http_request_t& r);

/// Whether a cap of a class counts a request. One that claims to be more than http is counted as
/// http too, until its response shows what it is: else a header that nobody looks at would lead
/// past the cap.
inline bool applies(conn::Class of, conn::Class claim) noexcept
{
    return of == conn::Class::any || of == conn::Class::http || of == claim;
}

}  // namespace gatehouse::conn_feature
