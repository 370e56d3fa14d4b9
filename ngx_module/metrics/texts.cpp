#include "ngx_module/glue/ngx.h"

#include "ngx_module/metrics/texts.h"

#include "ngx_module/metrics/collect.h"

namespace gatehouse::metrics_feature {

Text Texts::get(telemetry::ExpositionFormat format, const telemetry::JsonNames& names)
{
    auto& last = last_[static_cast<std::size_t>(format)];
    if (last.anew.take(ngx_current_msec) || last.text == nullptr) {
        last.text = std::make_shared<const std::string>(collect(format, names));
    }
    return last.text;
}

}  // namespace gatehouse::metrics_feature
