// Where nginx itself answers a request that is explained, before any guard is asked (`return`, a
// redirect, a path that it refuses), the trace goes out in place of that answer.
//
// The filters stand at the head of nginx's chains only while a request is being explained, so that
// others do not pass them.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::explain_feature {

void put_answer_filters() noexcept;

/// Does nothing where they are not, or the chains were made anew.
void take_answer_filters() noexcept;

}  // namespace gatehouse::explain_feature
