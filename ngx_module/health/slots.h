// What nginx alone knows, as the JSON values that stand for a Slot.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "src/health/words.h"

namespace gatehouse::health_feature {

/// "up", "away"; "off": nobody expects it.
const char* sidecar_word() noexcept;

/// Reads shared memory and this process's own. What is not known, and a slot that is none, is null.
void append_slot(std::string& out, health::Slot slot);

}  // namespace gatehouse::health_feature
