#include "ctl/explain_request.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace gatehouse::ctl {

namespace {

template <auto Free>
struct FreeBy {
    template <class T>
    void operator()(T* object) const noexcept
    {
        Free(object);
    }
};
using Easy = std::unique_ptr<CURL, FreeBy<curl_easy_cleanup>>;
using List = std::unique_ptr<curl_slist, FreeBy<curl_slist_free_all>>;
using Url = std::unique_ptr<CURLU, FreeBy<curl_url_cleanup>>;

constexpr std::size_t largest_body = 1 << 20;

std::size_t on_body(const char* bytes, std::size_t, std::size_t count, void* data) noexcept
try {
    auto& body = *static_cast<std::string*>(data);
    if (body.size() + count > largest_body) {
        return 0;
    }
    body.append(bytes, count);
    return count;
} catch (...) {
    return 0;
}

void add(List& list, const std::string& line)
{
    if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
        (void)list.release();
        list.reset(longer);
    }
}

std::string part_of(const Url& url, CURLUPart part)
{
    char* text = nullptr;
    if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) {
        return {};
    }
    std::string copy{text};
    curl_free(text);
    return copy;
}

void set_place(CURL* easy, const ExplainQuestion& question, const List& connect_to)
{
    constexpr std::string_view unix_socket = "unix:";
    if (question.to.starts_with(unix_socket)) {
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH,
                         question.to.substr(unix_socket.size()).c_str());
    } else if (connect_to) {
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to.get());
    }
    if (question.insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!question.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, question.ca_file.c_str());
    }
}

void prepare(CURL* easy, const ExplainQuestion& question, std::chrono::milliseconds timeout,
             const List& fields, std::string& body)
{
    curl_easy_setopt(easy, CURLOPT_URL, question.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields.get());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gatehousectl/" GATEHOUSE_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
}

NoAnswer why_not(CURLcode code, const ExplainQuestion& question)
{
    const auto where = question.to.empty() ? question.url : question.to;
    const auto text = where + ": " + curl_easy_strerror(code);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return {exit_timeout, text + "; see --timeout"};
    case CURLE_GOT_NOTHING:
        return {exit_failed,
                where + ": the connection was closed without an answer, as \"return 444\" does"};
    case CURLE_PEER_FAILED_VERIFICATION:
        return {exit_unreachable, text +
                                      "; name the authority with --ca FILE, or go on without "
                                      "looking with --insecure"};
    default: return {exit_unreachable, text + "; is nginx running there? See --to"};
    }
}

}  // namespace

std::variant<ExplainUrl, std::string> parse_explain_url(const std::string& text)
{
    const Url url{curl_url()};
    const auto parsed = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS);
    const auto scheme = part_of(url, CURLUPART_SCHEME);
    if (parsed != CURLUE_OK || (scheme != "http" && scheme != "https")) {
        return std::string{"not a URL of http or https, such as https://example.com/api/items"};
    }
    if (!part_of(url, CURLUPART_USER).empty()) {
        return std::string{
            "a URL with a user in it: give it as -H \"Authorization: Basic …\" instead"};
    }
    const auto port = part_of(url, CURLUPART_PORT);
    const auto query = part_of(url, CURLUPART_QUERY);
    return ExplainUrl{
        scheme + "://" + part_of(url, CURLUPART_HOST) + (port.empty() ? "" : ":" + port),
        part_of(url, CURLUPART_PATH) + (query.empty() ? "" : "?" + query)};
}

std::variant<NginxAnswer, NoAnswer> ask_nginx(const ExplainQuestion& question,
                                              std::chrono::milliseconds timeout)
{
    const Easy easy{curl_easy_init()};
    if (!easy) {
        return NoAnswer{exit_failed, "libcurl cannot be initialized"};
    }
    List fields;
    for (const auto& field : question.fields) {
        add(fields, field);
    }
    List connect_to;
    if (!question.to.empty()) {
        add(connect_to, "::" + question.to);
    }
    NginxAnswer answer;
    prepare(easy.get(), question, timeout, fields, answer.body);
    set_place(easy.get(), question, connect_to);
    if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK) {
        return why_not(code, question);
    }
    const char* type = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type);
    answer.type = type == nullptr ? "" : type;
    return answer;
}

}  // namespace gatehouse::ctl
