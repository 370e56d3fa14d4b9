// The writer of JSON, by the name that the areas of the sidecar know it by.
#pragma once

#include "src/base/json_writer.h"

namespace gatehouse::sidecar {

using gatehouse::JsonWriter;

}  // namespace gatehouse::sidecar
