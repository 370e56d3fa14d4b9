#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/explain.h"

#include <array>

#include "ngx_module/glue/pool.h"

namespace gatehouse::glue {

namespace {

std::array<Explain, explain_stops> features{};
Explainer explaining{};

struct Mark {
    Mark() noexcept { ++explain_state::in_flight; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    ~Mark() { --explain_state::in_flight; }
};

}  // namespace

unsigned explain_state::in_flight = 0;

bool explain_state::is_marked(const ngx_http_request_t& r) noexcept
{
    return Pool{r.main->pool}.find<Mark>() != nullptr;
}

void on_explain(ExplainStop stop, Explain explain) noexcept
{
    features[static_cast<std::size_t>(stop)] = explain;
}

void set_explainer(const Explainer& explainer) noexcept
{
    explaining = explainer;
}

ngx_int_t begin_explaining(ngx_http_request_t& r)
{
    return explaining.begin == nullptr ? NGX_DECLINED : explaining.begin(r);
}

ngx_int_t answer_explained(ngx_http_request_t& r)
{
    return explaining.answer == nullptr ? NGX_DECLINED : explaining.answer(r);
}

void mark_explained(ngx_http_request_t& r)
{
    Pool{r.pool}.make<Mark>();
}

void ask_to_explain(ExplainStop stop, ngx_http_request_t& r, Trace& trace)
{
    if (const auto explain = features[static_cast<std::size_t>(stop)]; explain != nullptr) {
        explain(r, trace);
    }
}

}  // namespace gatehouse::glue
