#include "sidecar/base/fetch.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "sidecar/base/curl.h"
#include "src/base/ascii.h"

namespace gatehouse::sidecar {

namespace {

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Fields = std::unique_ptr<curl_slist, FreeList>;

/// Of an answer's header, all in all.
constexpr std::size_t largest_header = 256 << 10;

/// One transfer, as libcurl's callbacks see it.
struct Transfer {
    const FetchRequest& request;
    Fetched fetched;
    Vetting vetting;
    std::size_t header_bytes = 0;
    bool is_final = false;      ///< the answer, not one before it such as 103
    bool header_is_in = false;  ///< all of it
    bool too_large = false;
    bool header_too_large = false;
    std::array<char, CURL_ERROR_SIZE> curl_says{};
};

std::size_t on_body(const char* bytes, std::size_t, std::size_t count, void* data) noexcept
try {
    auto& transfer = *static_cast<Transfer*>(data);
    if (transfer.fetched.body.size() + count > transfer.request.largest_body) {
        transfer.too_large = true;
        return 0;
    }
    transfer.fetched.body.append(bytes, count);
    return count;
} catch (...) {
    return 0;
}

/// An answer's first line, and the empty one behind its fields, come as fields do.
void follow_header(std::string_view line, Transfer& transfer)
{
    if (line.starts_with("HTTP/")) {
        const auto space = std::min(line.find(' '), line.size());
        transfer.header_is_in = false;
        transfer.is_final = !line.substr(space).starts_with(" 1");
    } else if (line.find_first_not_of("\r\n") == line.npos) {
        transfer.header_is_in = transfer.is_final;
    }
}

std::size_t on_field(const char* bytes, std::size_t, std::size_t count, void* data) noexcept
try {
    auto& transfer = *static_cast<Transfer*>(data);
    transfer.header_bytes += count;
    if (transfer.header_bytes > largest_header) {
        transfer.header_too_large = true;
        return 0;
    }
    auto& fetched = transfer.fetched;
    const std::pair<std::string_view, std::string&> wanted[] = {
        {"etag", fetched.etag},
        {"last-modified", fetched.last_modified},
        {"cache-control", fetched.cache_control},
        {"age", fetched.age},
        {"retry-after", fetched.retry_after}};
    const std::string_view line{bytes, count};
    follow_header(line, transfer);
    const auto colon = std::min(line.find(':'), line.size());
    auto text = line.substr(std::min(colon + 1, line.size()));
    text = trim_ows(text.substr(0, text.find_first_of("\r\n")));
    for (const auto& [name, value] : wanted) {
        if (equals_ignoring_case(line.substr(0, colon), name)) {
            value = text;
        }
    }
    if (transfer.request.keep_fields && colon < line.size()) {
        fetched.fields.emplace_back(line.substr(0, colon), text);
    }
    return count;
} catch (...) {
    return 0;
}

void add(Fields& fields, const std::string& line)
{
    if (auto* longer = curl_slist_append(fields.get(), line.c_str())) {
        (void)fields.release();
        fields.reset(longer);
    }
}

Fields fields_of(const FetchRequest& request, bool own)
{
    Fields fields;
    add(fields, "Accept: " + request.accept);
    if (!request.etag.empty()) {
        add(fields, "If-None-Match: " + request.etag);
    }
    if (!request.last_modified.empty()) {
        add(fields, "If-Modified-Since: " + request.last_modified);
    }
    if (!request.body.empty()) {
        add(fields, "Content-Type: " + request.content_type);
        add(fields, "Expect:");  // no waiting for "100 Continue"
    }
    for (const auto& [name, value] : request.fields) {
        if (own) {
            add(fields, std::string{name}.append(": ").append(value));
        }
    }
    return fields;
}

void prepare(CURL* easy, const FetchRequest& request, Transfer& transfer)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                     request.url.starts_with("https://") ? "https" : "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    vet_connections(easy, transfer.vetting);
    if (!request.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());  // not copied
    }
    if (request.compressed) {
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl decodes
    }
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    }
    if (!request.unix_socket.empty()) {
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, nullptr);  // no address, no objection
    }
}

std::string what_went_wrong(CURLcode code, const Transfer& transfer)
{
    if (transfer.vetting.objection != nullptr) {
        return out_of_bounds(transfer.vetting);
    }
    if (transfer.too_large) {
        return "the answer has more than " + std::to_string(transfer.request.largest_body) +
               " bytes";
    }
    if (transfer.header_too_large) {
        return "the answer's header has more than " + std::to_string(largest_header) + " bytes";
    }
    // What is wrong with a certificate. Elsewhere it says no more, and has times in it.
    const bool says_why = code == CURLE_PEER_FAILED_VERIFICATION && transfer.curl_says[0] != '\0';
    return says_why ? transfer.curl_says.data() : curl_easy_strerror(code);
}

struct FreeUrl {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};

/// `scheme://host:port`, as far as the URL has one.
std::string origin_of(const std::string& text)
{
    const std::unique_ptr<CURLU, FreeUrl> url{curl_url()};
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
        return {};
    }
    std::string origin;
    for (const auto part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
        char* value = nullptr;
        if (curl_url_get(url.get(), part, &value, CURLU_DEFAULT_PORT) == CURLUE_OK) {
            origin.append(value).append(" ");
        }
        curl_free(value);
    }
    return origin;
}

/// Where the answer sends on to; empty: nowhere.
std::string next_of(CURL* easy)
{
    const char* next = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next);
    return next == nullptr ? "" : next;
}

using Clock = std::chrono::steady_clock;

Result<void> transfer_once(CURL* easy, const std::string& url, Transfer& transfer,
                           Clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const bool same_origin =
        url == transfer.request.url || origin_of(url) == origin_of(transfer.request.url);
    const auto fields = fields_of(transfer.request, same_origin);
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields.get());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(left.count(), 1));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.curl_says.data());
    const auto code = curl_easy_perform(easy);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);  // the handle outlives the transfer
    if (code != CURLE_OK && !(transfer.request.header_suffices && transfer.header_is_in)) {
        return Error{what_went_wrong(code, transfer)};
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer.fetched.status);
    return {};
}

}  // namespace

Result<Fetched> fetch(const FetchRequest& request)
{
    const Easy easy = make_easy();
    if (!easy) {
        return Error{"libcurl cannot be initialized"};
    }
    const auto deadline = Clock::now() + request.timeout;
    Transfer transfer{request, {}, {request.reach}};
    prepare(easy.get(), request, transfer);
    auto url = request.url;
    for (unsigned followed = 0;; ++followed) {
        transfer.fetched = {};
        if (const auto done = transfer_once(easy.get(), url, transfer, deadline); !done) {
            return done.error();
        }
        url = next_of(easy.get());
        if (request.redirects == 0 || url.empty()) {
            return std::move(transfer.fetched);
        }
        if (followed == request.redirects) {
            return Error{"redirected more than " + std::to_string(request.redirects) + " times"};
        }
    }
}

}  // namespace gatehouse::sidecar
