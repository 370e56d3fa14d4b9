// What a request gets from the board.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/trace.h"

namespace gatehouse::board_feature {

/// A handler of the PRECONTENT phase. Declines where `gate_board` is off and where no card has the
/// request's path; otherwise the request is answered: with the card, or with what is wrong.
ngx_int_t answer(ngx_http_request_t& r);

/// For glue::on_explain: the same, without answering.
void explain_answer(ngx_http_request_t& r, glue::Trace& trace);

}  // namespace gatehouse::board_feature
