// Fuzzes the configuration: any bytes are refused with messages or accepted, soon, and what is
// accepted survives its own dump. No file but the input is read: includes and ${file:…} of the input
// name paths below a directory that does not exist.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "sidecar/base/cron.h"
#include "sidecar/config/build.h"
#include "sidecar/config/checks.h"
#include "sidecar/config/load.h"
#include "sidecar/config/scan.h"
#include "sidecar/config/schema.h"
#include "sidecar/config/sql_names.h"
#include "sidecar/config/substitute.h"

namespace {

using namespace gatehouse::config;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

/// load() from memory, without includes.
std::optional<Config> load_bytes(std::string bytes, Diagnostics& out)
{
    const Variables variables{
        [](const std::string& name) {
            return name == "SET" ? std::optional<std::string>("4") : std::nullopt;
        },
        "/nonexistent/gatehouse"};
    Tree tree;
    Node* root = scan(tree.files.emplace_back("fuzz.json", std::move(bytes)), tree, out);
    std::optional<Config> config;
    if (root != nullptr) {
        substitute(*root, variables, out);
        Schema::shipped().check(*root, out);
        config = build(*root, "/nonexistent/gatehouse/fuzz.json", variables.directory);
        check_values(*root, *config, LoadOptions{}, out);
    }
    return out.ok() ? std::move(config) : std::nullopt;
}

void check_findings(Diagnostics& out)
{
    out.sort();
    for (const Diagnostic& diagnostic : out.list) {
        expect(!diagnostic.message.empty(), "a finding has a message");
        expect(diagnostic.line > 0 && diagnostic.column > 0, "a finding has a place");
    }
    for (const char c : print(out, false)) {
        expect(c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20, "what is printed is printable");
    }
    print_json(out);
}

void check_units(const std::string& text)
{
    sql_identifiers(text);
    const auto cron = gatehouse::sidecar::CronExpression::parse(text);
    if (cron) {
        const std::chrono::system_clock::time_point now{std::chrono::hours{24 * 365 * 56}};
        const auto next = cron->next_after(now, *gatehouse::sidecar::find_time_zone("Europe/Berlin"));
        expect(next && *next > now, "a cron expression that is accepted runs again");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    expect(blank_comments(text).size() == size, "blanking keeps the length");
    check_units(text);
    Diagnostics out;
    const std::optional<Config> config = load_bytes(text, out);
    check_findings(out);
    expect(config.has_value() == out.ok(), "a configuration exactly when there is no error");
    if (config && config->secrets.empty()) {
        Diagnostics again;
        const std::string shown = dump(*config);
        const std::optional<Config> same = load_bytes(shown, again);
        if (!same) {
            std::fputs(print(again, false).c_str(), stderr);
        }
        expect(same.has_value(), "what is dumped is accepted");
        expect(dump(*same) == shown, "and dumps itself");
    }
    return 0;
}
