// The control API's values as JSON. Times are RFC 3339 text, lengths of time milliseconds.
#pragma once

#include "sidecar/base/json_writer.h"
#include "sidecar/control/model.h"

namespace gatehouse::control {

void write(sidecar::JsonWriter& json, const CardView& card);
void write(sidecar::JsonWriter& json, const WorkerView& worker);
void write(sidecar::JsonWriter& json, const StatusView& status);
void write(sidecar::JsonWriter& json, const SourceView& source);
void write(sidecar::JsonWriter& json, const SourceTest& test);
void write(sidecar::JsonWriter& json, const RefreshResult& result);
void write(sidecar::JsonWriter& json, const ReloadResult& result);

}  // namespace gatehouse::control
