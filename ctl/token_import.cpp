#include "ctl/token_import.h"

#include <jansson.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "ctl/token_table.h"
#include "ctl/url.h"
#include "src/base/json_escape.h"

namespace gatehouse::ctl {

namespace {

constexpr std::size_t largest_piece = 512 << 10;  // a request has at most 1 MiB
constexpr std::chrono::seconds import_limit{60};
constexpr std::size_t most_shown = 50;

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Value = std::unique_ptr<json_t, Release>;

std::optional<std::string> read_all(const std::string& file)
{
    std::ostringstream text;
    if (file == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream in{file};
    if (!in) {
        return std::nullopt;
    }
    text << in.rdbuf();
    return text.str();
}

std::string dumped(const json_t* value)
{
    char* text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    std::string out = text == nullptr ? "null" : text;
    std::free(text);
    return out;
}

/// Objects of some of the members each.
std::vector<std::string> pieces_of(json_t* object)
{
    std::vector<std::string> pieces;
    std::string piece;
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, key, value)
    {
        piece += piece.empty() ? '{' : ',';
        append_json_string(piece, key);
        piece += ':' + dumped(value);
        if (piece.size() >= largest_piece) {
            pieces.push_back(std::exchange(piece, {}) + '}');
        }
    }
    if (!piece.empty()) {
        pieces.push_back(piece + '}');
    }
    return pieces;
}

struct Sum {
    std::int64_t imported = 0, known = 0;
    std::vector<Json> tokens;
};

/// Nothing: a piece was refused, and `status` says what to exit with.
std::optional<Sum> send_all(const Context& context, const std::vector<std::string>& pieces,
                            const std::string& query, int& status)
{
    Sum sum;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto target =
            "/v1/tokens/import" + query + (i + 1 < pieces.size() ? "&more=true" : "");
        const auto answer = context.post(target, status, import_limit, pieces[i]);
        if (!answer) {
            return std::nullopt;
        }
        const auto told = Json::parse(*answer);
        sum.imported += told["imported"].number();
        sum.known += told["known"].number();
        if (sum.imported <= static_cast<std::int64_t>(most_shown)) {
            for (auto& token : told["tokens"].items()) {
                sum.tokens.push_back(std::move(token));
            }
        }
    }
    return sum;
}

void print(const Context& context, const Sum& sum, bool dry_run)
{
    if (context.as_json()) {
        std::cout << "{\"imported\": " << (dry_run ? 0 : sum.imported)
                  << ", \"known\": " << sum.known << ", \"would_import\": " << sum.imported
                  << "}\n";
        return;
    }
    if (!dry_run && sum.imported > 0 && sum.imported <= static_cast<std::int64_t>(most_shown)) {
        std::cout << token_table(sum.tokens);
    }
    std::cout << sum.imported << (dry_run ? " tokens would be imported" : " tokens imported")
              << (sum.known > 0 ? ", " + std::to_string(sum.known) + " were known" : "") << "\n";
}

}  // namespace

int import_tokens(const Context& context, const ImportOptions& options)
{
    const auto text = read_all(options.file);
    if (!text) {
        complain("token import: cannot read " + options.file);
        return exit_failed;
    }
    json_error_t error;
    const Value tokens{json_loadb(text->data(), text->size(), JSON_REJECT_DUPLICATES, &error)};
    if (!json_is_object(tokens.get())) {
        // Without the parser's words: they would show what stands there.
        complain("token import: " + options.file + " is no JSON object without repeated keys" +
                 (tokens ? "" : "; line " + std::to_string(error.line)));
        return exit_usage;
    }
    const auto pieces = pieces_of(tokens.get());
    const auto expires =
        options.expires.empty() ? std::string{} : "&expires=" + percent_encoded(options.expires);
    int status = exit_ok;
    auto sum = send_all(context, pieces, "?dry_run=true" + expires, status);
    if (sum && !options.dry_run) {
        sum = send_all(context, pieces, "?dry_run=false" + expires, status);
    }
    if (sum) {
        print(context, *sum, options.dry_run);
    }
    return status;
}

}  // namespace gatehouse::ctl
