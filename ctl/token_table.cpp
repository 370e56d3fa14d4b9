#include "ctl/token_table.h"

#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

std::string words(const Json& list)
{
    std::string joined;
    for (const auto& word : list.items()) {
        joined.append(joined.empty() ? "" : " ").append(word.text());
    }
    return joined;
}

/// "2026-11-22 10:31" of "2026-11-22T10:31:07.000Z"; UTC, as in every answer.
std::string to_the_minute(const Json& time, const char* otherwise)
{
    constexpr std::size_t until_minutes = 16;
    auto text = time.text();
    if (text.size() < until_minutes) {
        return otherwise;
    }
    text[10] = ' ';
    return text.substr(0, until_minutes);
}

std::string or_dash(const std::string& text)
{
    return text.empty() ? "-" : text;
}

}  // namespace

std::string token_table(const std::vector<Json>& tokens)
{
    Table table{{"ID", "NAME", "USER", "SCOPES", "PLAN", "STATE", "EXPIRES", "LAST USED"}};
    for (const auto& token : tokens) {
        table.add({token["id"].text(), token["name"].text(), token["user"].text(),
                   or_dash(words(token["scopes"])), or_dash(token["plan"].text()),
                   token["state"].text(), to_the_minute(token["expires_at"], "never"),
                   to_the_minute(token["last_used_at"], "-")});
    }
    return table.text();
}

std::string token_page(const Json& token)
{
    Table table{{"", ""}};
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            table.add({key, value});
        }
    };
    add("id", token["id"].text());
    add("name", token["name"].text());
    add("user", token["user"].text());
    add("scopes", words(token["scopes"]));
    add("plan", token["plan"].text());
    add("networks", words(token["networks"]));
    add("state", token["state"].text());
    add("created", to_the_minute(token["created_at"], ""));
    add("not before", to_the_minute(token["not_before"], ""));
    add("expires", to_the_minute(token["expires_at"], "never"));
    add("revoked", to_the_minute(token["revoked_at"], ""));
    add("last used", to_the_minute(token["last_used_at"], ""));
    for (const auto& secret : token["secrets"].items()) {
        auto text = (secret["imported"].flag() ? "imported " : "made ") +
                    to_the_minute(secret["created_at"], "");
        if (secret["ends_at"]) {
            text += ", ends " + to_the_minute(secret["ends_at"], "");
        }
        add("secret", text);
    }
    const auto text = table.text();
    return text.substr(text.find('\n') + 1);
}

}  // namespace gatehouse::ctl
