// Takes peers out of the rotation of every balancer, and puts them back.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::upstream_feature {

/// Makes each peer what the verdicts say by now. Writes where this worker's view has changed: all
/// workers share what they write to, and see the same tables in the same order.
void rotate();

}  // namespace gatehouse::upstream_feature
