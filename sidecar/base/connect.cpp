#include "sidecar/base/connect.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "sidecar/base/curl.h"

namespace gatehouse::sidecar {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* too_late = "no answer in time";

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

int left_ms(Clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

/// Waits until the connection can be read or written. False: not in time.
bool wait(CURL* easy, short events, Clock::time_point deadline)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    pollfd poll{socket, events, 0};
    return ::poll(&poll, 1, left_ms(deadline)) > 0;
}

Result<void> send_all(CURL* easy, std::string_view text, Clock::time_point deadline)
{
    while (!text.empty()) {
        std::size_t sent = 0;
        const auto code = curl_easy_send(easy, text.data(), text.size(), &sent);
        if (code == CURLE_AGAIN && !wait(easy, POLLOUT, deadline)) {
            return Error{too_late};
        }
        if (code != CURLE_OK && code != CURLE_AGAIN) {
            return Error{curl_easy_strerror(code)};
        }
        text.remove_prefix(sent);
    }
    return {};
}

Result<std::string> receive(CURL* easy, const ConnectRequest& request, Clock::time_point deadline)
{
    std::string all;
    const auto is_whole = [&] {
        const auto lines = static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
        return lines >= request.lines || all.size() >= request.largest_answer;
    };
    while (!is_whole()) {
        std::array<char, 1024> bytes{};
        std::size_t count = 0;
        const auto code = curl_easy_recv(easy, bytes.data(), bytes.size(), &count);
        if (code == CURLE_AGAIN) {
            if (!wait(easy, POLLIN, deadline)) {
                return Error{too_late};
            }
            continue;
        }
        if (code != CURLE_OK || count == 0) {
            return all.empty() ? Result<std::string>{Error{"it hung up without an answer"}} : all;
        }
        all.append(bytes.data(), count);
    }
    return all;
}

/// When the first certificate of the chain, the server's own, expires; nothing: not said.
std::optional<std::int64_t> certificate_end(CURL* easy)
{
    constexpr std::string_view key = "Expire date:";
    curl_certinfo* chain = nullptr;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr ||
        chain->num_of_certs == 0) {
        return std::nullopt;
    }
    for (const auto* line = chain->certinfo[0]; line != nullptr; line = line->next) {
        if (std::string_view{line->data}.starts_with(key)) {
            return curl_getdate(line->data + key.size(), nullptr);
        }
    }
    return std::nullopt;
}

std::string url_of(const ConnectRequest& request)
{
    const auto colon = request.address.rfind(':');
    const auto host =
        request.server_name.empty() ? request.address.substr(0, colon) : request.server_name;
    return (request.tls ? "https://" : "http://") + host + request.address.substr(colon);
}

}  // namespace

Result<Connected> connect(const ConnectRequest& request)
{
    const Easy easy = make_easy();
    if (!easy) {
        return Error{"libcurl cannot be initialized"};
    }
    const auto deadline = Clock::now() + request.timeout;
    Vetting vetting{request.reach};
    vet_connections(easy.get(), vetting);
    // The name of the URL is what the certificate must have; where to go is said apart from it.
    const List where{curl_slist_append(nullptr, ("::" + request.address).c_str())};
    curl_easy_setopt(easy.get(), CURLOPT_CONNECT_TO, where.get());
    curl_easy_setopt(easy.get(), CURLOPT_URL, url_of(request).c_str());
    curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_CERTINFO, request.tls ? 1L : 0L);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, request.verify ? 1L : 0L);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, request.verify ? 2L : 0L);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(easy.get(), CURLOPT_CAINFO, request.ca_file.c_str());
    }
    std::array<char, CURL_ERROR_SIZE> words{};
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, words.data());
    if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK) {
        return Error{vetting.objection != nullptr ? out_of_bounds(vetting)
                     : words[0] != '\0'           ? std::string{words.data()}
                                                  : curl_easy_strerror(code)};
    }
    Connected connected;
    connected.certificate_ends_s = certificate_end(easy.get()).value_or(0);
    if (request.send.empty()) {
        return connected;
    }
    if (const auto sent = send_all(easy.get(), request.send, deadline); !sent) {
        return sent.error();
    }
    auto received = receive(easy.get(), request, deadline);
    if (!received) {
        return received.error();
    }
    connected.received = std::move(*received);
    return connected;
}

}  // namespace gatehouse::sidecar
