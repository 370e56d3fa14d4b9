/*
 * What nginx looks up in the shared object: its modules, one per feature, and their order.
 *
 * nginx runs the handlers of a phase in the reverse order of its list of modules, and so do the
 * filters: the module further down acts first. It adds ours one by one at the end of the list, but
 * before the first module that stands after it in ngx_module_order and is in the list already. So
 *
 * - auth acts after every other guard of the ACCESS phase: nginx's address rules, passwords and
 *   subrequests cost less, and under `satisfy any` the last one has the last word;
 * - those before ngx_http_realip_module in that order act after realip, also a location's own: what
 *   asks who the client is. Among them telemetry is the first, since the others count by its slots;
 *   cors, which counts nothing, stands before nginx's own limits too: a preflight is charged by all.
 *   compute stands before limit: a miss is sent to be computed once its limits have let it pass;
 * - the three of explain act in no phase: they stand around nginx's modules whose handlers they want
 *   to know, access and auth_basic between the first two, realip between the last two;
 * - those between ngx_http_realip_module and ngx_http_headers_filter_module are filters that have
 *   the last word on a response's fields, also on those of add_header;
 * - those after that follow all of nginx's own modules. Other filters belong here: the module that
 *   writes the header begins the chain of header filters anew. In the PRECONTENT phase the board acts
 *   before try_files and mirror; what must act before the board stands below it. The last of all acts
 *   first of all: it takes secrets out of the request before anybody logs it.
 */
#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_module_t ngx_http_gatehouse_auth_module;
extern ngx_module_t ngx_http_gatehouse_explain_inner_module;
extern ngx_module_t ngx_http_gatehouse_cors_module;
extern ngx_module_t ngx_http_gatehouse_telemetry_module;
extern ngx_module_t ngx_http_gatehouse_audit_module;
extern ngx_module_t ngx_http_gatehouse_compute_module;
extern ngx_module_t ngx_http_gatehouse_limit_module;
extern ngx_module_t ngx_http_gatehouse_conn_module;
extern ngx_module_t ngx_http_gatehouse_geo_module;
extern ngx_module_t ngx_http_gatehouse_explain_module;
extern ngx_module_t ngx_http_gatehouse_explain_late_module;
extern ngx_module_t ngx_http_gatehouse_cors_late_module;
extern ngx_module_t ngx_http_gatehouse_headers_module;
extern ngx_module_t ngx_http_gatehouse_link_module;
extern ngx_module_t ngx_http_gatehouse_client_module;
extern ngx_module_t ngx_http_gatehouse_request_id_module;
extern ngx_module_t ngx_http_gatehouse_board_module;
extern ngx_module_t ngx_http_gatehouse_limit_late_module;
extern ngx_module_t ngx_http_gatehouse_conn_late_module;
extern ngx_module_t ngx_http_gatehouse_websocket_module;
extern ngx_module_t ngx_http_gatehouse_metrics_module;
extern ngx_module_t ngx_http_gatehouse_health_module;
extern ngx_module_t ngx_http_gatehouse_upstream_module;
extern ngx_module_t ngx_http_gatehouse_auth_early_module;

ngx_module_t *ngx_modules[] = {
    &ngx_http_gatehouse_auth_module,
    &ngx_http_gatehouse_explain_inner_module,
    &ngx_http_gatehouse_cors_module,
    &ngx_http_gatehouse_telemetry_module,
    &ngx_http_gatehouse_audit_module,
    &ngx_http_gatehouse_compute_module,
    &ngx_http_gatehouse_limit_module,
    &ngx_http_gatehouse_conn_module,
    &ngx_http_gatehouse_geo_module,
    &ngx_http_gatehouse_explain_module,
    &ngx_http_gatehouse_explain_late_module,
    &ngx_http_gatehouse_cors_late_module,
    &ngx_http_gatehouse_headers_module,
    &ngx_http_gatehouse_link_module,
    &ngx_http_gatehouse_client_module,
    &ngx_http_gatehouse_request_id_module,
    &ngx_http_gatehouse_board_module,
    &ngx_http_gatehouse_limit_late_module,
    &ngx_http_gatehouse_conn_late_module,
    &ngx_http_gatehouse_websocket_module,
    &ngx_http_gatehouse_metrics_module,
    &ngx_http_gatehouse_health_module,
    &ngx_http_gatehouse_upstream_module,
    &ngx_http_gatehouse_auth_early_module,
    NULL
};

char *ngx_module_names[] = {
    "ngx_http_gatehouse_auth_module",
    "ngx_http_gatehouse_explain_inner_module",
    "ngx_http_gatehouse_cors_module",
    "ngx_http_gatehouse_telemetry_module",
    "ngx_http_gatehouse_audit_module",
    "ngx_http_gatehouse_compute_module",
    "ngx_http_gatehouse_limit_module",
    "ngx_http_gatehouse_conn_module",
    "ngx_http_gatehouse_geo_module",
    "ngx_http_gatehouse_explain_module",
    "ngx_http_gatehouse_explain_late_module",
    "ngx_http_gatehouse_cors_late_module",
    "ngx_http_gatehouse_headers_module",
    "ngx_http_gatehouse_link_module",
    "ngx_http_gatehouse_client_module",
    "ngx_http_gatehouse_request_id_module",
    "ngx_http_gatehouse_board_module",
    "ngx_http_gatehouse_limit_late_module",
    "ngx_http_gatehouse_conn_late_module",
    "ngx_http_gatehouse_websocket_module",
    "ngx_http_gatehouse_metrics_module",
    "ngx_http_gatehouse_health_module",
    "ngx_http_gatehouse_upstream_module",
    "ngx_http_gatehouse_auth_early_module",
    NULL
};

char *ngx_module_order[] = {
    "ngx_http_gatehouse_auth_module",
    "ngx_http_auth_request_module",
    "ngx_http_gatehouse_explain_inner_module",
    "ngx_http_auth_basic_module",
    "ngx_http_access_module",
    "ngx_http_gatehouse_cors_module",
    "ngx_http_limit_conn_module",
    "ngx_http_limit_req_module",
    "ngx_http_gatehouse_telemetry_module",
    "ngx_http_gatehouse_audit_module",
    "ngx_http_gatehouse_compute_module",
    "ngx_http_gatehouse_limit_module",
    "ngx_http_gatehouse_conn_module",
    "ngx_http_gatehouse_geo_module",
    "ngx_http_gatehouse_explain_module",
    "ngx_http_realip_module",
    "ngx_http_gatehouse_explain_late_module",
    "ngx_http_gatehouse_cors_late_module",
    "ngx_http_gatehouse_headers_module",
    "ngx_http_headers_filter_module",
    "ngx_http_gatehouse_link_module",
    "ngx_http_gatehouse_client_module",
    "ngx_http_gatehouse_request_id_module",
    "ngx_http_gatehouse_board_module",
    "ngx_http_gatehouse_limit_late_module",
    "ngx_http_gatehouse_conn_late_module",
    "ngx_http_gatehouse_websocket_module",
    "ngx_http_gatehouse_metrics_module",
    "ngx_http_gatehouse_health_module",
    "ngx_http_gatehouse_upstream_module",
    "ngx_http_gatehouse_auth_early_module",
    NULL
};
