// Fuzzes what src/http reads of a request. The whole input is taken for each field in turn, and
// what must hold for any bytes is checked.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/base/utf8.h"
#include "src/http/accept.h"
#include "src/http/accept_encoding.h"
#include "src/http/conditional.h"
#include "src/http/cors.h"
#include "src/http/field.h"
#include "src/http/problem.h"
#include "src/http/query.h"
#include "src/http/range.h"
#include "src/http/token.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::http;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

/// In upper case, which no list field may tell from lower case.
std::string raised(std::string_view text)
{
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') {
            c = static_cast<char>(c & ~0x20);
        }
    }
    return out;
}

/// Whether a prefix leaves room for the whole field within what is read of it.
bool is_short(std::string_view field)
{
    return field.size() < max_list_bytes - 64;
}

void check_accept_encoding(std::string_view field)
{
    for (std::uint8_t bits = 0; bits < 1u << encoding_count; ++bits) {
        const EncodingSet available(bits);
        const Encoding chosen = choose_encoding(field, available);
        expect(chosen == Encoding::identity || available.contains(chosen), "encoding not there");
        expect(choose_encoding(raised(field), available) == chosen, "encoding and letter case");
        if (chosen != Encoding::identity && is_short(field)) {
            const std::string refused = std::string(name_of(chosen)) + ";q=0," + std::string(field);
            expect(choose_encoding(refused, available) != chosen, "refused encoding is sent");
        }
    }
}

void check_accept(std::string_view field)
{
    for (std::uint8_t bits = 1; bits < 1u << format_count; ++bits) {
        const FormatSet available(bits);
        const Format chosen = choose_format(field, available);
        expect(available.contains(chosen), "format not there");
        expect(choose_format(raised(field), available) == chosen, "format and letter case");
        if (is_short(field) && available.contains(Format::json)) {
            const std::string wanted = "application/json," + std::string(field);
            expect(choose_format(wanted, available) == Format::json, "json wanted and not chosen");
        }
    }
    if (is_short(field)) {
        const std::string api = "application/problem+json," + std::string(field);
        expect(!prefers_html(api), "html instead of the problem that is wanted");
    }
}

void check_query(std::string_view query)
{
    const QueryParameter found = find_parameter(query, "format");
    const std::string with_one = "format=csv&" + std::string(query);
    const QueryParameter more = find_parameter(with_one, "format");
    const bool none = found.count == QueryParameter::Count::none;
    expect(more.count == (none ? QueryParameter::Count::one : QueryParameter::Count::several),
           "count of a parameter");
    expect(more.raw_value == "csv", "value of the first parameter");
    expect((find_format(query).kind == FormatQuery::Kind::absent) == none, "format absent");

    std::array<char, 64> buffer;
    const auto decoded = percent_decode(query, buffer);
    expect(!decoded || decoded->size() <= query.size(), "decoding made it longer");
}

void check_entity_tags(std::string_view field)
{
    const Validators current{"\"x\"", 784111777};
    const bool weak = matches_etag_list(field, current.etag, Comparison::weak);
    const bool strong = matches_etag_list(field, current.etag, Comparison::strong);
    expect(weak || !strong, "strong match without a weak one");
    expect(!weak || field.find("\"x\"") != field.npos || trim_ows(field) == "*",
           "match of nothing");

    const std::string with_tag = "\"x\"," + std::string(field);
    expect(matches_etag_list(with_tag, current.etag, Comparison::strong), "tag in front missed");
    expect((evaluate({.if_none_match = field}, current, 0) == Verdict::not_modified) == weak,
           "If-None-Match");
    expect((evaluate({.if_match = field}, current, 0) == Verdict::proceed) == strong, "If-Match");
    if (if_range_holds(field, current, 800000000) && field.find('"') != field.npos) {
        expect(trim_ows(field) == current.etag, "If-Range");
    }
}

void check_date(std::string_view text)
{
    const auto time = parse_http_date(text, 1795305600);
    if (!time) {
        return;
    }
    std::array<char, http_date_size> buffer;
    const auto written = format_http_date(*time, buffer);
    expect(parse_http_date(written, 0) == time, "date does not read back");
}

void check_range(std::string_view field)
{
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
        const RangeResult range = select_range(field, size);
        if (range.kind == RangeResult::Kind::partial) {
            expect(range.first <= range.last && range.last < size, "range beyond the end");
        }
        if (range.kind != RangeResult::Kind::full) {
            expect(field.find(',') == field.npos, "several ranges");
            std::array<char, content_range_capacity> buffer;
            expect(format_content_range(range, size, buffer).starts_with("bytes "), "text");
        }
    }
}

void check_bodies(std::string_view text)
{
    Problem problem;
    problem.title = text;
    problem.detail = text;
    problem.request_id = text;
    const std::string json = problem_json(problem);
    expect(json.ends_with("}\n"), "body cut");
    for (std::string_view rest(json.data(), json.size() - 1); !rest.empty();) {
        const Utf8Step step = utf8_step(rest);
        expect(step.valid && static_cast<unsigned char>(rest.front()) >= 0x20, "not JSON text");
        rest.remove_prefix(step.size);
    }

    const std::string html = problem_html(problem);
    constexpr std::ptrdiff_t our_tags = 14;
    expect(std::count(html.begin(), html.end(), '<') <= our_tags, "a tag from the text");
}

void check_cors(std::string_view field)
{
    CorsRules rules;
    rules.methods = *NameList::parse(NameList::Kind::methods, "*");
    rules.headers = *NameList::parse(NameList::Kind::fields, "*");
    if (const auto granted = grant(rules, "GET", field)) {
        expect(granted->headers == field, "granted what was not asked");
        for (const char c : field) {
            expect(is_token_char(c) || c == ',' || is_ows(c), "granted what is no name");
        }
    }
    OriginSet known;
    (void)known.add("https://*.example.com");
    if (known.contains(field)) {
        expect(std::count(field.begin(), field.end(), '.') == 2, "several labels for a *");
        expect(field.find_first_of("/?#@:\\ ,", 8) == field.npos, "more than a host");
    }
    OriginSet own;
    if (own.add(field) && !own.all()) {
        expect(!own.contains("https://other.example") || field.find("//other.") != field.npos ||
                   field.find("*.") != field.npos,
               "an origin nobody named");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_accept_encoding(input);
    check_accept(input);
    check_query(input);
    check_entity_tags(input);
    check_date(input);
    check_range(input);
    check_cors(input);
    check_bodies(input);
    return 0;
}
