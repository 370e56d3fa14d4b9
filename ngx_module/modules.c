/*
 * What nginx looks up in the shared object: its modules, one per feature, and their order.
 *
 * nginx runs the handlers of a phase in the reverse order of this list, and so do the filters: the
 * module further down acts first. In the PRECONTENT phase, where the board answers, whatever must
 * act before it (a guard) stands below it. Dynamic modules follow all static ones, so the board acts
 * before try_files and mirror.
 */
#include <ngx_config.h>
#include <ngx_core.h>

extern ngx_module_t ngx_http_gatehouse_link_module;
extern ngx_module_t ngx_http_gatehouse_board_module;

ngx_module_t *ngx_modules[] = {
    &ngx_http_gatehouse_link_module,
    &ngx_http_gatehouse_board_module,
    NULL
};

char *ngx_module_names[] = {
    "ngx_http_gatehouse_link_module",
    "ngx_http_gatehouse_board_module",
    NULL
};

char *ngx_module_order[] = {
    "ngx_http_gatehouse_link_module",
    "ngx_http_gatehouse_board_module",
    NULL
};
