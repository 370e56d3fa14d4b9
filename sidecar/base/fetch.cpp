#include "sidecar/base/fetch.h"

#include <curl/curl.h>
#include <unistd.h>

#include <memory>
#include <string_view>
#include <utility>

#include "src/base/ascii.h"

namespace gatehouse::sidecar {

namespace {

struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Fields = std::unique_ptr<curl_slist, FreeList>;

/// One transfer, as libcurl's callbacks see it.
struct Transfer {
    const FetchRequest& request;
    Fetched fetched;
    const char* objection = nullptr;
    bool too_large = false;
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

std::size_t on_field(const char* bytes, std::size_t, std::size_t count, void* data) noexcept
try {
    auto& fetched = static_cast<Transfer*>(data)->fetched;
    const std::pair<std::string_view, std::string&> wanted[] = {
        {"etag", fetched.etag},
        {"last-modified", fetched.last_modified},
        {"cache-control", fetched.cache_control},
        {"age", fetched.age}};
    const std::string_view line{bytes, count};
    const auto colon = std::min(line.find(':'), line.size());
    for (const auto& [name, value] : wanted) {
        if (equals_ignoring_case(line.substr(0, colon), name)) {
            auto text = line.substr(std::min(colon + 1, line.size()));
            text = text.substr(0, text.find_first_of("\r\n"));
            value = trim_ows(text);
        }
    }
    return count;
} catch (...) {
    return 0;
}

curl_socket_t open_socket(void* data, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& transfer = *static_cast<Transfer*>(data);
    transfer.objection = objection_to(address->addr, transfer.request.reach);
    return transfer.objection != nullptr
               ? CURL_SOCKET_BAD
               : ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void add(Fields& fields, const std::string& line)
{
    if (auto* longer = curl_slist_append(fields.get(), line.c_str())) {
        (void)fields.release();
        fields.reset(longer);
    }
}

Fields fields_of(const FetchRequest& request)
{
    Fields fields;
    add(fields, "Accept: " + request.accept);
    if (!request.etag.empty()) {
        add(fields, "If-None-Match: " + request.etag);
    }
    if (!request.last_modified.empty()) {
        add(fields, "If-Modified-Since: " + request.last_modified);
    }
    return fields;
}

void prepare(CURL* easy, const FetchRequest& request, Transfer& transfer, curl_slist* fields)
{
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gatehouse/" GATEHOUSE_VERSION);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    }
}

std::string what_went_wrong(CURLcode code, const Transfer& transfer)
{
    if (transfer.objection != nullptr) {
        return std::string{"the address is out of bounds: "} + transfer.objection;
    }
    if (transfer.too_large) {
        return "the answer has more than " + std::to_string(transfer.request.largest_body) +
               " bytes";
    }
    return curl_easy_strerror(code);
}

}  // namespace

Result<Fetched> fetch(const FetchRequest& request)
{
    // Once, before any other thread may call libcurl: a static of a function is made by one thread.
    static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
    const Easy easy{initialized == CURLE_OK ? curl_easy_init() : nullptr};
    if (!easy) {
        return Error{"libcurl cannot be initialized"};
    }
    Transfer transfer{request, {}};
    const auto fields = fields_of(request);
    prepare(easy.get(), request, transfer, fields.get());
    const auto code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) {
        return Error{what_went_wrong(code, transfer)};
    }
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &transfer.fetched.status);
    return std::move(transfer.fetched);
}

}  // namespace gatehouse::sidecar
