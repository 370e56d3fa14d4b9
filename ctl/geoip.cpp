// gatehousectl geoip list | lookup ADDRESS… [--db PATH]…
#include <CLI/CLI.hpp>

#include <arpa/inet.h>

#include <array>
#include <ctime>
#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/table.h"
#include "src/base/json_escape.h"
#include "src/geo/database.h"
#include "src/geo/database_file.h"

namespace gatehouse::ctl {

namespace {

using Databases = std::vector<std::shared_ptr<const geo::Database>>;

struct Arguments {
    std::vector<std::string> addresses;
    std::vector<std::string> paths;
};

/// What databases say of an address; empty: not said.
struct Place {
    std::string address, country = {}, continent = {}, city = {}, asn = {}, as_org = {};
};

/// 4 or 16 bytes; none: it is no address.
std::vector<std::uint8_t> address_bytes(const std::string& text)
{
    std::array<std::uint8_t, 16> bytes{};
    const bool v4 = text.find(':') == text.npos;
    if (::inet_pton(v4 ? AF_INET : AF_INET6, text.c_str(), bytes.data()) != 1) {
        return {};
    }
    return {bytes.begin(), bytes.begin() + (v4 ? 4 : 16)};
}

std::string check_address(const std::string& text)
{
    return address_bytes(text).empty() ? "\"" + text + "\" is no address" : "";
}

std::string date_of(std::int64_t unix_s)
{
    std::tm parts{};
    const std::time_t time = unix_s;
    std::array<char, 32> text{};
    if (::gmtime_r(&time, &parts) == nullptr ||
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        return "-";
    }
    return text.data();
}

std::string state_of(const Json& database)
{
    if (const auto flaw = database["error"].text(); !flaw.empty()) {
        return "refused: " + flaw;
    }
    if (!database["type"]) {
        return "not read yet";
    }
    return database["handed_out"].flag() ? "newer than nginx's start" : "as nginx read it";
}

int list(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/geoip", status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    Table table{{"DATABASE", "TYPE", "BUILT", "SIZE", "WORKERS", "STATE"}};
    for (const auto& database : Json::parse(*body)["databases"].items()) {
        const bool known = static_cast<bool>(database["type"]);
        table.add({database["path"].text(), known ? database["type"].text() : "-",
                   known ? date_of(database["built_at"].number()) : "-",
                   known ? human_bytes(static_cast<std::uint64_t>(database["size"].number())) : "-",
                   std::to_string(database["workers"].number()), state_of(database)});
    }
    std::cout << table.text();
    return exit_ok;
}

/// Those that were named, or else those that workers look up in.
std::optional<std::vector<std::string>> paths_of(const Context& context, const Arguments& arguments,
                                                 int& status)
{
    if (!arguments.paths.empty()) {
        return arguments.paths;
    }
    const auto body = context.get("/v1/geoip", status);
    if (!body) {
        return std::nullopt;
    }
    std::vector<std::string> paths;
    for (const auto& database : Json::parse(*body)["databases"].items()) {
        paths.push_back(database["path"].text());
    }
    if (paths.empty()) {
        complain("geoip lookup: no connected nginx has a gate_geoip; name a database with --db");
        status = exit_failed;
        return std::nullopt;
    }
    return paths;
}

Result<Databases> open_all(const std::vector<std::string>& paths)
{
    Databases all;
    for (const auto& path : paths) {
        auto memory = geo::read_database_file(path);
        if (!memory) {
            return memory.error();
        }
        auto opened = geo::Database::open(std::move(*memory));
        if (!opened) {
            return Error{"\"" + path + "\": " + opened.error().message};
        }
        all.push_back(std::move(*opened));
    }
    return all;
}

/// The first database that says something counts, as in nginx.
void add(Place& place, const geo::Database& database)
{
    const auto record = database.find(address_bytes(place.address));
    if (!record) {
        return;
    }
    const std::pair<std::string*, geo::Field> texts[] = {{&place.country, geo::Field::country},
                                                         {&place.continent, geo::Field::continent},
                                                         {&place.city, geo::Field::city},
                                                         {&place.as_org, geo::Field::as_org}};
    for (const auto& [text, field] : texts) {
        if (text->empty()) {
            *text = database.text(*record, field);
        }
    }
    if (const auto asn = database.asn(*record); place.asn.empty() && asn != 0) {
        place.asn = std::to_string(asn);
    }
}

std::string json_of(const std::vector<Place>& places)
{
    std::string json = "{\"addresses\":[";
    for (const auto& place : places) {
        json += json.back() == '[' ? "{\"address\":" : ",{\"address\":";
        append_json_string(json, place.address);
        const std::pair<const char*, const std::string*> texts[] = {{"country", &place.country},
                                                                    {"continent", &place.continent},
                                                                    {"city", &place.city},
                                                                    {"as_org", &place.as_org}};
        for (const auto& [name, text] : texts) {
            json += std::string{",\""} + name + "\":";
            if (text->empty()) {
                json += "null";
            } else {
                append_json_string(json, *text);
            }
        }
        json += ",\"asn\":" + (place.asn.empty() ? "null" : place.asn) + "}";
    }
    return json + "]}\n";
}

std::string table_of(const std::vector<Place>& places)
{
    const auto shown = [](const std::string& text) { return text.empty() ? "-" : text; };
    Table table{{"ADDRESS", "COUNTRY", "CONTINENT", "CITY", "ASN", "AS ORG"}};
    for (const auto& place : places) {
        table.add({place.address, shown(place.country), shown(place.continent), shown(place.city),
                   shown(place.asn), shown(place.as_org)});
    }
    return table.text();
}

int lookup(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    const auto paths = paths_of(context, arguments, status);
    if (!paths) {
        return status;
    }
    const auto databases = open_all(*paths);
    if (!databases) {
        complain("geoip lookup: " + databases.error().message);
        return exit_failed;
    }
    std::vector<Place> places;
    for (const auto& address : arguments.addresses) {
        places.push_back({.address = address});
        for (const auto& database : *databases) {
            add(places.back(), *database);
        }
    }
    std::cout << (context.as_json() ? json_of(places) : table_of(places));
    return exit_ok;
}

}  // namespace

void add_geoip(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("geoip", "databases of countries, cities and networks");
    command->require_subcommand(1);
    command->add_subcommand("list", "those that nginx looks up in")->callback([&run] {
        run = list;
    });

    const auto arguments = std::make_shared<Arguments>();
    auto* looked = command->add_subcommand("lookup", "what the databases say of addresses");
    looked->add_option("ADDRESS", arguments->addresses)->required()->check(check_address);
    looked
        ->add_option("--db", arguments->paths, "a database; default: those that nginx looks up in")
        ->allow_extra_args(false);
    looked->callback([&run, arguments] {
        run = [arguments](const Context& context) { return lookup(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
