#include "sidecar/identity/token_json.h"

#include <algorithm>

#include "sidecar/base/time_text.h"

namespace gatehouse::identity {

using sidecar::JsonWriter;

namespace {

void write_words(JsonWriter& json, std::string_view key, std::string_view words)
{
    json.key(key).open_array();
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        json.value(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    json.close_array();
}

void write_time(JsonWriter& json, std::string_view key, const std::optional<std::int64_t>& at_s)
{
    json.key(key);
    if (at_s) {
        json.value(sidecar::utc_text(*at_s * 1000));
    } else {
        json.null();
    }
}

}  // namespace

std::string_view state_of(const Token& token, std::int64_t now_s)
{
    if (token.revoked_s) {
        return "revoked";
    }
    if (token.expires_s && *token.expires_s <= now_s) {
        return "expired";
    }
    return token.not_before_s > now_s ? "not_yet_valid" : "active";
}

void write_members(JsonWriter& json, const Token& token, std::int64_t now_s)
{
    json.member("id", token.id).member("name", token.name).member("user", token.user);
    write_words(json, "scopes", token.scopes);
    json.member("plan", token.plan);
    write_words(json, "networks", token.networks);
    json.member("state", state_of(token, now_s));
    write_time(json, "created_at", token.created_s);
    if (token.not_before_s != 0) {
        write_time(json, "not_before", token.not_before_s);
    }
    write_time(json, "expires_at", token.expires_s);
    if (token.revoked_s) {
        write_time(json, "revoked_at", token.revoked_s);
    }
    write_time(json, "last_used_at", token.last_used_s);
}

void write(JsonWriter& json, const WholeToken& whole, std::int64_t now_s)
{
    json.open_object();
    write_members(json, whole.token, now_s);
    json.key("secrets").open_array();
    for (const auto& secret : whole.secrets) {
        json.open_object().member("imported", secret.foreign);
        write_time(json, "created_at", secret.created_s);
        if (secret.expires_s) {
            write_time(json, "ends_at", secret.expires_s);
        }
        json.close_object();
    }
    json.close_array().close_object();
}

void write(JsonWriter& json, const IssuedToken& issued, std::int64_t now_s)
{
    json.open_object().member("token", issued.text);
    write_members(json, issued.token, now_s);
    if (issued.old_secret_ends_s) {
        write_time(json, "old_secret_ends_at", issued.old_secret_ends_s);
    }
    json.close_object();
}

/// With the tokens where they are few: who imports thousands lists them page by page.
void write(JsonWriter& json, const Imported& imported, std::int64_t now_s)
{
    constexpr std::size_t most_told = 100;
    json.open_object()
        .member("imported", imported.tokens.size())
        .member("known", imported.known)
        .key("tokens")
        .open_array();
    if (imported.tokens.size() <= most_told) {
        for (const auto& whole : imported.tokens) {
            json.open_object();
            write_members(json, whole.token, now_s);
            json.close_object();
        }
    }
    json.close_array().close_object();
}

void write(JsonWriter& json, const auth::TokenVerdict& verdict)
{
    json.open_object().member("accepted", verdict.accepted());
    if (!verdict.accepted()) {
        json.member("reason", word_of(verdict.rejection));
    }
    if (verdict.token) {
        json.member("id", verdict.token->id())
            .member("name", verdict.token->name())
            .member("user", verdict.token->user());
        write_words(json, "scopes", verdict.token->scopes());
        json.member("plan", verdict.token->plan());
        if (verdict.token->expires_s() != auth::never_expires) {
            write_time(json, "expires_at", verdict.token->expires_s());
        }
    }
    json.close_object();
}

}  // namespace gatehouse::identity
