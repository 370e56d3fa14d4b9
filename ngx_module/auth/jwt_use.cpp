#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/jwt_use.h"

namespace gatehouse::auth_feature {

namespace {

template <class T>
void inherit(std::optional<T>& inner, const std::optional<T>& outer)
{
    if (!inner) {
        inner = outer;
    }
}

}  // namespace

void JwtSettings::inherit(const JwtSettings& outer)
{
    auth_feature::inherit(keys, outer.keys);
    auth_feature::inherit(algorithms, outer.algorithms);
    auth_feature::inherit(issuers, outer.issuers);
    auth_feature::inherit(audiences, outer.audiences);
    auth_feature::inherit(leeway_ms, outer.leeway_ms);
}

std::shared_ptr<const JwtUse> JwtUse::make(const JwtSettings& settings)
{
    static std::uint64_t last_number = 0;
    if (!settings.keys) {
        return nullptr;
    }
    auto use = std::make_shared<JwtUse>();
    use->number = ++last_number;
    use->sources = *settings.keys;
    use->policy.algorithms = settings.algorithms;
    use->policy.issuers = settings.issuers.value_or(std::vector<std::string>{});
    use->policy.audiences = settings.audiences.value_or(std::vector<std::string>{});
    // Who does not say whom tokens must be meant for does not ask for it.
    use->policy.any_audience = use->policy.audiences.empty();
    if (settings.leeway_ms) {
        use->policy.leeway_s = static_cast<std::int64_t>(*settings.leeway_ms / 1000);
    }
    return use;
}

}  // namespace gatehouse::auth_feature
