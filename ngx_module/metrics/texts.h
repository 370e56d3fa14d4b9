// The metrics as texts that several answers may send. Per worker and location.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <memory>
#include <string>

#include "src/base/allowance.h"
#include "src/telemetry/exposition.h"

namespace gatehouse::metrics_feature {

using Text = std::shared_ptr<const std::string>;

/// A text counts up what all workers have counted, which takes ten times as long as to answer with
/// it. Who asks more than a hundred times a second for a format gets the last one, which is then at
/// most ten milliseconds old.
class Texts {
public:
    Text get(telemetry::ExpositionFormat format, const telemetry::JsonNames& names);

private:
    struct Last {
        Allowance anew{50, 10};
        Text text;
    };
    std::array<Last, telemetry::exposition_formats> last_;
};

}  // namespace gatehouse::metrics_feature
