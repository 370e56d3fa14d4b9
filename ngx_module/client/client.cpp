// Who a client is: $gate_client, the address nginx knows (after realip), masked.
#include "ngx_module/glue/ngx.h"

#include <optional>
#include <span>

#include "ngx_module/glue/address.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/variable.h"
#include "src/base/network_prefix.h"

extern "C" ngx_module_t ngx_http_gatehouse_client_module;

namespace gatehouse::client_feature {

namespace {

struct ClientConf {
    std::optional<PrefixLengths> lengths;
};

std::optional<unsigned> read_length(ngx_str_t word, unsigned longest) noexcept
{
    const ngx_int_t number = ngx_atoi(word.data, word.len);
    if (number == NGX_ERROR || number > static_cast<ngx_int_t>(longest)) {
        return std::nullopt;
    }
    return static_cast<unsigned>(number);
}

char* set_prefix(ngx_conf_t& cf, ClientConf& conf)
{
    if (conf.lengths) {
        return glue::duplicate();
    }
    const auto words = glue::words(cf);
    const auto v4 = read_length(words[1], 32);
    if (!v4) {
        return glue::refuse_value(cf, words[1], "a prefix length of IPv4, 0 to 32");
    }
    const auto v6 = read_length(words[2], 128);
    if (!v6) {
        return glue::refuse_value(cf, words[2], "a prefix length of IPv6, 0 to 128");
    }
    conf.lengths = PrefixLengths{*v4, *v6};
    return glue::accepted;
}

PrefixLengths lengths_for(const ngx_http_request_t& r) noexcept
{
    return glue::location_conf<ClientConf>(r, ngx_http_gatehouse_client_module)
        .lengths.value_or(PrefixLengths{});
}

std::optional<NetworkPrefix> prefix_of(ngx_http_request_t& r) noexcept
{
    const auto address = glue::address_of(*r.connection);
    if (address.empty()) {
        return std::nullopt;
    }
    return NetworkPrefix{address, lengths_for(r)};
}

/// A peer on a Unix socket is "unix:", as in $binary_remote_addr.
std::optional<std::string_view> client(ngx_http_request_t& r)
{
    const auto address = glue::address_of(*r.connection);
    if (address.size() == 4 && lengths_for(r).v4 == 32) {
        return std::string_view{reinterpret_cast<const char*>(address.data()), address.size()};
    }
    const auto prefix = prefix_of(r);
    if (!prefix) {
        return glue::view(r.connection->addr_text);
    }
    const auto bytes = prefix->bytes();
    return glue::Pool{r.pool}.copy({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<std::string_view> client_text(ngx_http_request_t& r)
{
    const auto prefix = prefix_of(r);
    return prefix ? glue::Pool{r.pool}.copy(prefix->text()) : glue::view(r.connection->addr_text);
}

void explain_client(ngx_http_request_t& r, glue::Trace& trace)
{
    trace.last().facts.member("gate_client", client_text(r).value_or(std::string_view{}));
}

ngx_int_t add_variables(ngx_conf_t& cf)
{
    glue::on_explain(glue::ExplainStop::client, explain_client);
    // Not to be remembered: a location's realip may change the address in the middle of a request.
    constexpr glue::Variable variables[] = {
        {"gate_client", glue::variable<client>, NGX_HTTP_VAR_NOCACHEABLE},
        {"gate_client_text", glue::variable<client_text>, NGX_HTTP_VAR_NOCACHEABLE},
    };
    return glue::add_variables(cf, variables);
}

void* create_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<ClientConf>();
}

char* merge_conf(ngx_conf_t* /*cf*/, void* parent, void* child) noexcept
{
    auto* inner = static_cast<ClientConf*>(child);
    if (!inner->lengths) {
        inner->lengths = static_cast<const ClientConf*>(parent)->lengths;
    }
    return NGX_CONF_OK;
}

ngx_command_t commands[] = {
    {ngx_string("gate_client_prefix"), glue::http_levels | NGX_CONF_TAKE2,
     glue::directive<ClientConf, set_prefix>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

ngx_http_module_t context = glue::context_of({
    .preconfiguration = glue::configure<add_variables>,
    .create_loc_conf = glue::create<create_conf>,
    .merge_loc_conf = merge_conf,
});

}  // namespace

}  // namespace gatehouse::client_feature

ngx_module_t ngx_http_gatehouse_client_module = gatehouse::glue::module_of(
    gatehouse::client_feature::context, gatehouse::client_feature::commands);
