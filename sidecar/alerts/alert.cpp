#include "sidecar/alerts/alert.h"

#include "src/audit/chain.h"

namespace gatehouse::alerts {

namespace {

constexpr std::size_t fingerprint_digits = 16;

}  // namespace

std::string_view name_of(Phase phase) noexcept
{
    switch (phase) {
    case Phase::pending: return "pending";
    case Phase::firing: return "firing";
    case Phase::resolved: return "resolved";
    }
    return "";
}

std::string fingerprint_of(const std::string& rule, const std::string& target)
{
    return audit::sha256_digits(rule + '\0' + target).substr(0, fingerprint_digits);
}

}  // namespace gatehouse::alerts
