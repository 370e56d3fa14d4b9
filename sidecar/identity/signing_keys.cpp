#include "sidecar/identity/signing_keys.h"

#include <jansson.h>
#include <sys/random.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "sidecar/base/clock.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/log.h"
#include "sidecar/base/time_text.h"
#include "sidecar/base/units.h"
#include "src/auth/identity_claims.h"
#include "src/auth/identity_signer.h"

namespace gatehouse::identity {

namespace {

namespace log = sidecar::log;
using sidecar::Answer;
using sidecar::JsonWriter;

/// What is signed lives for identity_lifetime_s, by clocks that may differ.
constexpr std::int64_t least_shown_s = 2 * auth::identity_lifetime_s;

Result<std::string> new_seed()
{
    std::string seed(auth::IdentitySigner::seed_bytes, '\0');
    if (::getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size())) {
        return Error{"the system has no randomness"};
    }
    return seed;
}

std::string kid_of(std::string_view seed)
{
    const auto signer = auth::IdentitySigner::from_seed(seed);
    return signer ? signer->kid() : std::string{};
}

void write_key(JsonWriter& json, std::string_view seed, const char* state)
{
    json.open_object().member("kid", kid_of(seed)).member("state", state).close_object();
}

Answer described(const auth::IdentityKeys& keys, std::int64_t now_s)
{
    JsonWriter json;
    json.open_object().key("keys").open_array();
    const bool switched = now_s >= keys.switch_at_s;
    if (!keys.is_changing()) {
        write_key(json, keys.before, "signs");
    } else {
        write_key(json, keys.before, switched ? "shown" : "signs");
        write_key(json, keys.after, switched ? "signs" : "shown");
    }
    json.close_array();
    if (keys.is_changing()) {
        json.member("signs_with_new_at", sidecar::utc_text(keys.switch_at_s * 1000));
        json.member("old_one_ends_at", sidecar::utc_text(keys.until_s * 1000));
    }
    json.close_object();
    return {200, json.take()};
}

struct Wish {
    std::chrono::seconds overlap = SigningKeys::usual_overlap;
    bool at_once = false;
};

Result<Wish> wish_of(std::string_view text)
{
    Wish wish;
    if (text.empty()) {
        return wish;
    }
    struct Release {
        void operator()(json_t* value) const noexcept { json_decref(value); }
    };
    const std::unique_ptr<json_t, Release> body{
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (!json_is_object(body.get())) {
        return Error{"the body must be an object with \"overlap\" or \"at_once\""};
    }
    wish.at_once = json_is_true(json_object_get(body.get(), "at_once"));
    const auto* overlap = json_object_get(body.get(), "overlap");
    if (overlap != nullptr) {
        const auto* word = json_string_value(overlap);
        const auto length = sidecar::parse_duration(word == nullptr ? "" : word);
        constexpr std::chrono::hours most{24 * 30};
        if (!length || *length < std::chrono::seconds{1} || *length > most) {
            return Error{"\"overlap\" must be a duration from 1s to 30d, such as 10m"};
        }
        wish.overlap = std::chrono::duration_cast<std::chrono::seconds>(*length);
    }
    return wish;
}

Answer rotate(SigningKeys& keys, std::string_view body)
{
    const auto wish = wish_of(body);
    if (!wish) {
        return {400, wish.error().message};
    }
    const auto now_s = sidecar::unix_ms() / 1000;
    const auto done = wish->at_once ? keys.replace() : keys.rotate(wish->overlap, now_s);
    if (!done) {
        return {409, done.error().message};
    }
    log::info("identity key rotated",
              {{"kid", kid_of(keys.keys().signing(std::numeric_limits<std::int64_t>::max()))},
               {"at_once", wish->at_once}});
    return described(keys.keys(), now_s);
}

}  // namespace

void SigningKeys::take(auth::IdentityKeys keys)
{
    keys_ = std::move(keys);
    publish_(auth::identity_keys_bytes(keys_));
}

Result<void> SigningKeys::open(std::string_view kept, std::int64_t now_s)
{
    if (auto keys = auth::parse_identity_keys(kept)) {
        take(keys->settled(now_s));
        return {};
    }
    return replace();
}

Result<void> SigningKeys::rotate(std::chrono::seconds overlap, std::int64_t now_s)
{
    if (keys_.settled(now_s).is_changing()) {
        return Error{"a new key is on its way already, and the old one ends at " +
                     sidecar::utc_text(keys_.until_s * 1000) +
                     "; \"at_once\" ends all but a new one now"};
    }
    auto seed = new_seed();
    if (!seed) {
        return seed.error();
    }
    const auto switch_at = now_s + overlap.count();
    take({keys_.settled(now_s).before, *std::move(seed), switch_at,
          switch_at + std::max<std::int64_t>(overlap.count(), least_shown_s)});
    return {};
}

Result<void> SigningKeys::replace()
{
    auto seed = new_seed();
    if (!seed) {
        return seed.error();
    }
    take({*std::move(seed)});
    return {};
}

void SigningKeys::settle(std::int64_t now_s)
{
    if (keys_.is_changing() && now_s >= keys_.until_s) {
        take(keys_.settled(now_s));
        log::info("identity key settled", {{"kid", kid_of(keys_.before)}});
    }
}

std::vector<sidecar::Resource> key_resources(SigningKeys& keys)
{
    return {
        {"GET", "/v1/identity/keys", "", false,
         [&keys](const auto&, const auto& reply) {
             reply(described(keys.keys(), sidecar::unix_ms() / 1000));
         }},
        {"POST", "/v1/identity/rotate", "", false,
         [&keys](const auto& request, const auto& reply) { reply(rotate(keys, request.body)); }}};
}

}  // namespace gatehouse::identity
