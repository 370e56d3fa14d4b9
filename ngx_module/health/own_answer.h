// What nginx answers where no table has an answer: in the same form, with slots.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "src/health/words.h"

namespace gatehouse::health_feature {

struct OwnAnswer {
    ngx_uint_t status = NGX_HTTP_OK;
    std::string body;
};

/// 503 where things are down, else 200; `live` is always 200.
OwnAnswer own_answer(health::Question question, health::State state);

}  // namespace gatehouse::health_feature
