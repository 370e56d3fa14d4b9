#include "sidecar/base/curl.h"

#include <sys/socket.h>

namespace gatehouse::sidecar {

namespace {

curl_socket_t open_socket(void* data, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& vetting = *static_cast<Vetting*>(data);
    vetting.objection = objection_to(address->addr, vetting.reach);
    return vetting.objection != nullptr
               ? CURL_SOCKET_BAD
               : ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

Easy make_easy()
{
    // Once, before any other thread may call libcurl: a static of a function is made by one thread.
    static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
    return Easy{initialized == CURLE_OK ? curl_easy_init() : nullptr};
}

void vet_connections(CURL* easy, Vetting& vetting)
{
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &vetting);
}

std::string out_of_bounds(const Vetting& vetting)
{
    return std::string{"the address is out of bounds: "} + vetting.objection;
}

}  // namespace gatehouse::sidecar
