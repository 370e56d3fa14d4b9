// The fields by which apps are told who a request is from: nobody but this module may set them.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::auth_feature {

/// Takes away what the client has sent under those names: Gate-Identity always, and Gate-Explain,
/// which is this module's alone; where somebody's
/// identity is asked for (`guarded`), also the fields that apps and proxies commonly believe. Of a
/// subrequest: from what it passes on, not from what its parent does.
void drop_identity_fields(ngx_http_request_t& r, bool guarded);

}  // namespace gatehouse::auth_feature
