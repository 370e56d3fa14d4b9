#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/last_decision.h"

#include <algorithm>

namespace gatehouse::glue {

namespace {

using telemetry::Outcome;

/// Of this process; copied by fork into every worker.
DecisionReaders readers;

/// Does nothing: the cleanup that has it is where the decision is kept. nginx clears the module
/// contexts of a request that it sends round.
void mark(void* /*decision*/) noexcept {}

int weight(Outcome outcome) noexcept
{
    switch (outcome) {
    case Outcome::refused: return 3;
    case Outcome::delayed: return 2;
    case Outcome::dry_run: return 1;
    case Outcome::admitted: break;
    }
    return 0;
}

LastDecision* make(const ngx_http_request_t& r) noexcept
{
    auto* cleanup = ngx_pool_cleanup_add(r.main->pool, sizeof(LastDecision));
    if (cleanup == nullptr) {
        return nullptr;
    }
    cleanup->handler = mark;
    return static_cast<LastDecision*>(cleanup->data);
}

}  // namespace

void set_decision_readers(const DecisionReaders& wanted) noexcept
{
    readers = wanted;
}

bool decisions_are_wanted() noexcept
{
    return readers.audit != nullptr || readers.variables;
}

LastDecision* last_decision(const ngx_http_request_t& r) noexcept
{
    for (const auto* cleanup = r.main->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == mark) {
            return static_cast<LastDecision*>(cleanup->data);
        }
    }
    return nullptr;
}

void note_decision(const ngx_http_request_t& r, const LastDecision& decision) noexcept
{
    auto* last = last_decision(r);
    const auto level = readers.audit != nullptr ? readers.audit(r) : AuditLevel::off;
    if (last == nullptr) {
        last = level != AuditLevel::off || readers.variables ? make(r) : nullptr;
        if (last != nullptr) {
            *last = decision;
            last->audit = level;
        }
        return;
    }
    const auto highest = std::max(level, last->audit);
    if (weight(decision.outcome) >= weight(last->outcome)) {
        *last = decision;
    }
    last->audit = highest;
}

}  // namespace gatehouse::glue
