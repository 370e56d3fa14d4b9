#include "sidecar/explain/resources.h"

#include <jansson.h>
#include <sys/random.h>

#include <memory>
#include <string>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/json_writer.h"

namespace gatehouse::explain {

namespace {

using sidecar::Answer;

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Release>;

std::string text_in(const Json& body, const char* name)
{
    const auto* value = json_object_get(body.get(), name);
    return json_is_string(value) ? std::string{json_string_value(value), json_string_length(value)}
                                 : std::string{};
}

Answer permit(const auth::ExplainKey* key, std::string_view text)
{
    const Json body{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (!json_is_object(body.get())) {
        return {400, "the body must be an object with \"method\", \"target\" and \"from\""};
    }
    auth::ExplainPermission permission{
        .expires_s = sidecar::unix_ms() / 1000 + auth::explain_lifetime_s,
        .method = text_in(body, "method"),
        .from = text_in(body, "from"),
        .target = text_in(body, "target")};
    if (const auto sound = auth::check(permission); !sound) {
        return {400, sound.error().message};
    }
    auto& nonce = permission.nonce;
    const bool random = ::getrandom(&nonce, sizeof nonce, 0) == ssize_t{sizeof nonce};
    const auto value = key != nullptr && random ? key->sign(permission) : std::string{};
    if (value.empty()) {
        return {503, "there is no key to sign a permission with; the sidecar's log says why"};
    }
    sidecar::JsonWriter json;
    json.open_object().member("path", auth::explain_path).member("field", auth::explain_field);
    json.member("permission", value).member("expires", permission.expires_s).close_object();
    return {200, json.take()};
}

}  // namespace

std::vector<sidecar::Resource> resources(std::function<const auth::ExplainKey*()> key)
{
    return {{"POST", "/v1/explain", "", false,
             [key = std::move(key)](const auto& request, const auto& reply) {
                 reply(permit(key(), request.body));
             }}};
}

}  // namespace gatehouse::explain
