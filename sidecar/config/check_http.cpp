#include "sidecar/config/check_http.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "sidecar/base/units.h"
#include "sidecar/config/schema.h"
#include "src/base/ascii.h"

namespace gatehouse::config {

namespace {

constexpr Milliseconds shortest_interval{100};
constexpr std::uint64_t largest_document = 1u << 30;

/// What fetching itself says, or what would change where the request ends.
constexpr std::array<std::string_view, 12> ours{
    "accept-encoding", "connection", "content-length",    "content-type",
    "expect",          "host",       "if-modified-since", "if-none-match",
    "range",           "te",         "transfer-encoding", "upgrade"};

/// RFC 9110 §5.6.2.
bool is_token(std::string_view name)
{
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || symbols.find(c) != symbols.npos;
    });
}

bool is_one_of_ours(std::string_view name)
{
    return std::any_of(ours.begin(), ours.end(),
                       [&](auto one) { return equals_ignoring_case(name, one); });
}

/// What SQL types are written with; nothing that could end one.
bool is_type(std::string_view text)
{
    constexpr std::string_view symbols = "_ ,()[]\"";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || symbols.find(c) != symbols.npos;
    });
}

class HttpChecker {
public:
    HttpChecker(const Node& node, const Source& source, Diagnostics& out)
        : node_(node), http_(source.http), out_(out)
    {
    }

    void run()
    {
        check_fields();
        check_times();
        check_size();
        check_types("types");
        check_types("columns");
        check_clear();
    }

private:
    void check_fields()
    {
        const Node* headers = find(&node_, "headers");
        for (const auto* field :
             headers != nullptr ? headers->children : decltype(headers->children){}) {
            const std::string what = "header " + in_quotes(field->name);
            if (!is_token(field->name)) {
                error(out_, *field, At::key, what + " is no name of a field");
            } else if (is_one_of_ours(field->name)) {
                error(out_, *field, At::key, what + " is set by the sidecar itself; leave it out");
            } else if (!http_.bearer.empty() &&
                       equals_ignoring_case(field->name, "authorization")) {
                error(
                    out_, *field, At::key,
                    what + " and \"bearer\" exclude each other: both are the field Authorization");
            }
        }
    }

    void check_times()
    {
        if (http_.every < shortest_interval) {
            error(out_, *find(&node_, "every"), At::value,
                  "\"every\" must be at least " + sidecar::format_duration(shortest_interval));
        }
        if (http_.max_interval < http_.every) {
            error(out_, *find(&node_, "max_interval"), At::value,
                  "\"max_interval\" is less than \"every\" (" +
                      sidecar::format_duration(http_.every) + ')');
        }
        if (http_.timeout <= Milliseconds{0}) {
            error(out_, *find(&node_, "timeout"), At::value, "\"timeout\" must be more than 0s");
        }
    }

    void check_size()
    {
        if (http_.max_size == 0 || http_.max_size > largest_document) {
            error(out_, *find(&node_, "max_size"), At::value,
                  "\"max_size\" must be more than 0 and at most " +
                      sidecar::format_size(largest_document));
        }
    }

    void check_types(const char* key)
    {
        const Node* types = find(&node_, key);
        for (const auto* type : types != nullptr ? types->children : decltype(types->children){}) {
            if (const auto text = text_of(type); text && !is_type(*text)) {
                error(out_, *type, At::value, describe(*type) + " is not an SQL type");
            }
        }
    }

    void check_clear()
    {
        const Node* secret = find(&node_, "bearer");
        if (secret != nullptr && http_.url.starts_with("http://") && !http_.allow_private) {
            warning(out_, *secret, At::key,
                    "\"bearer\" goes over the internet for everybody to read: use https://");
        }
    }

    const Node& node_;
    const HttpOptions& http_;
    Diagnostics& out_;
};

}  // namespace

void check_http_source(const Node& node, const Source& source, Diagnostics& out)
{
    HttpChecker{node, source, out}.run();
}

}  // namespace gatehouse::config
