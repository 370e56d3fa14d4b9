#include "ngx_module/glue/ngx.h"

#include "ngx_module/metrics/certificates.h"

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <string>

#include "ngx_module/glue/text.h"

namespace gatehouse::metrics_feature {

namespace {

/// By server: when the first of its certificates ends, as Unix time.
std::map<std::string, double> expiries;

#if (NGX_HTTP_SSL && defined(SSL_CERT_SET_FIRST))

std::optional<double> expiry_of(const X509* certificate)
{
    std::tm parts{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) {
        return std::nullopt;
    }
    return static_cast<double>(::timegm(&parts));
}

/// A server may have several, of different kinds of keys. In the master, before anybody uses them.
std::optional<double> first_expiry(SSL_CTX* context)
{
    std::optional<double> first;
    for (long which = SSL_CERT_SET_FIRST; SSL_CTX_set_current_cert(context, which) == 1;
         which = SSL_CERT_SET_NEXT) {
        const auto expiry = expiry_of(SSL_CTX_get0_certificate(context));
        if (expiry && (!first || *expiry < *first)) {
            first = expiry;
        }
    }
    (void)SSL_CTX_set_current_cert(context, SSL_CERT_SET_FIRST);
    return first;
}

void note_server(const ngx_http_core_srv_conf_t& server)
{
    const auto* ssl = static_cast<const ngx_http_ssl_srv_conf_t*>(
        server.ctx->srv_conf[ngx_http_ssl_module.ctx_index]);
    if (ssl->ssl.ctx == nullptr) {
        return;
    }
    if (const auto expiry = first_expiry(ssl->ssl.ctx)) {
        const auto name = server.server_name.len != 0 ? glue::view(server.server_name) : "_";
        const auto [known, is_new] = expiries.emplace(std::string{name}, *expiry);
        known->second = is_new ? *expiry : std::min(known->second, *expiry);
    }
}

#endif

}  // namespace

void note_certificates([[maybe_unused]] ngx_cycle_t& cycle)
{
    expiries.clear();
#if (NGX_HTTP_SSL && defined(SSL_CERT_SET_FIRST))
    const auto* main = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_core_module));
    if (main == nullptr) {
        return;
    }
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(main->servers.elts);
    for (ngx_uint_t i = 0; i < main->servers.nelts; ++i) {
        note_server(*servers[i]);
    }
#endif
}

void add_certificates(telemetry::Exposition& out)
{
    out.begin(telemetry::metrics::certificate_expiry);
    for (const auto& [server, expiry] : expiries) {
        out.sample({{"server", server}}, static_cast<std::int64_t>(expiry));
    }
}

}  // namespace gatehouse::metrics_feature
