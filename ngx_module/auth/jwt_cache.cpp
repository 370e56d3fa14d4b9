#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/jwt_cache.h"

#include <sys/random.h>

#include <stdexcept>
#include <utility>

namespace gatehouse::auth_feature {

JwtCache::JwtCache(std::size_t slots) : slots_(slots)
{
    if (::getrandom(&key_, sizeof key_, 0) != static_cast<ssize_t>(sizeof key_)) {
        throw std::runtime_error{"getrandom failed"};
    }
}

std::size_t JwtCache::slot_of(std::string_view token, std::uint64_t use) const noexcept
{
    return (siphash13(key_, token).low ^ use) & (slots_.size() - 1);
}

std::shared_ptr<const VerifiedJwt> JwtCache::find(std::string_view token, std::uint64_t use,
                                                  std::uint64_t keys_epoch,
                                                  std::int64_t now_s) const
{
    const auto& held = slots_[slot_of(token, use)];
    const bool good = held != nullptr && held->token == token && held->use == use &&
                      held->keys_epoch == keys_epoch && now_s < held->expires_s;
    return good ? held : nullptr;
}

void JwtCache::put(std::shared_ptr<const VerifiedJwt> verified)
{
    auto& slot = slots_[slot_of(verified->token, verified->use)];
    slot = std::move(verified);
}

}  // namespace gatehouse::auth_feature
