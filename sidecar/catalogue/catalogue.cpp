#include "sidecar/catalogue/catalogue.h"

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::catalogue {

namespace {

using sidecar::JsonWriter;

void write_time(JsonWriter& json, std::string_view name, std::int64_t unix_ms)
{
    json.key(name);
    if (unix_ms == 0) {
        json.null();
    } else {
        json.value(sidecar::utc_text(unix_ms));
    }
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& values)
{
    json.key(name).open_array();
    for (const std::string& value : values) {
        json.value(value);
    }
    json.close_array();
}

void write_card(JsonWriter& json, const ListedCard& card, std::int64_t now_ms)
{
    json.open_object().member("name", card.name).member("path", card.path);
    json.member("shape", card.shape);
    write_list(json, "formats", card.formats);
    write_list(json, "require", card.require);
    json.member("refresh", card.refresh).member("state", card.state);
    json.member("stale", card.state == "stale" || card.state == "failed");
    write_time(json, "last_refresh", card.last_refresh_ms);
    write_time(json, "last_change", card.last_change_ms);
    write_time(json, "next_refresh", card.next_refresh_ms.value_or(0));
    if (card.last_refresh_ms != 0) {
        json.member("age_seconds", static_cast<double>(now_ms - card.last_refresh_ms) / 1000);
    }
    if (card.rows) {
        json.member("rows", *card.rows);
    }
    json.member("bytes", card.bytes);
    if (card.variants) {
        json.member("variants", *card.variants);
    }
    if (!card.reason.empty()) {
        json.member("reason", card.reason);
    }
    json.close_object();
}

}  // namespace

std::string catalogue_json(const std::vector<ListedCard>& cards, std::int64_t now_ms)
{
    JsonWriter json;
    json.open_object().member("time", sidecar::utc_text(now_ms)).key("cards").open_array();
    for (const ListedCard& card : cards) {
        write_card(json, card, now_ms);
    }
    json.close_array().close_object();
    return json.take();
}

}  // namespace gatehouse::catalogue
