#include "ngx_module/headers/presets.h"

namespace gatehouse::headers_feature {

namespace {

// The values follow the OWASP Secure Headers Project, where a preset does not say otherwise below.
// Two differ on purpose: upgrade-insecure-requests would break pages served over plain HTTP, and of
// Permissions-Policy only features are named that browsers know, or they complain on every page.

constexpr std::string_view no_features =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), "
    "idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), "
    "publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), "
    "xr-spatial-tracking=()";

// A dashboard may go full screen, copy to the clipboard, keep the screen on.
constexpr std::string_view few_features =
    "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), "
    "serial=(), usb=()";

#define GATEHOUSE_DASHBOARD_POLICY                                         \
    "default-src 'self'; script-src 'self' 'nonce-$gate_csp_nonce'; "      \
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "       \
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; " \
    "object-src 'none'; base-uri 'self'; form-action 'self'"

/// Pages that are written for it: nothing inline without the nonce, nothing from elsewhere, in no
/// frame, isolated from whoever opened them.
constexpr PresetField strict[] = {
    {"Strict-Transport-Security", "strict-transport-security",
     "max-age=31536000; includeSubDomains"},
    {"X-Content-Type-Options", "x-content-type-options", "nosniff"},
    {"X-Frame-Options", "x-frame-options", "DENY"},
    {"Content-Security-Policy", "content-security-policy",
     "default-src 'self'; script-src 'self' 'nonce-$gate_csp_nonce'; "
     "style-src 'self' 'nonce-$gate_csp_nonce'; object-src 'none'; base-uri 'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
    {"Referrer-Policy", "referrer-policy", "no-referrer"},
    {"Permissions-Policy", "permissions-policy", no_features},
    {"Cross-Origin-Opener-Policy", "cross-origin-opener-policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "cross-origin-embedder-policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "cross-origin-resource-policy", "same-origin"},
    {"X-Permitted-Cross-Domain-Policies", "x-permitted-cross-domain-policies", "none"},
    {"X-Powered-By", "x-powered-by", ""},
};

/// Charts: inline styles, images made in the page, fetch and WebSocket to the own origin ('self'
/// includes wss:), workers from blobs, sign-in in a window of its own.
constexpr PresetField dashboard[] = {
    {"Strict-Transport-Security", "strict-transport-security", "max-age=31536000"},
    {"X-Content-Type-Options", "x-content-type-options", "nosniff"},
    {"X-Frame-Options", "x-frame-options", "SAMEORIGIN"},
    {"Content-Security-Policy", "content-security-policy",
     GATEHOUSE_DASHBOARD_POLICY "; frame-ancestors 'self'"},
    {"Referrer-Policy", "referrer-policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "permissions-policy", few_features},
    {"Cross-Origin-Opener-Policy", "cross-origin-opener-policy", "same-origin-allow-popups"},
    {"Cross-Origin-Resource-Policy", "cross-origin-resource-policy", "same-site"},
    {"X-Powered-By", "x-powered-by", ""},
};

/// The same within a frame of anybody's page.
constexpr PresetField embed[] = {
    {"Strict-Transport-Security", "strict-transport-security", "max-age=31536000"},
    {"X-Content-Type-Options", "x-content-type-options", "nosniff"},
    {"X-Frame-Options", "x-frame-options", ""},
    {"Content-Security-Policy", "content-security-policy", GATEHOUSE_DASHBOARD_POLICY},
    {"Referrer-Policy", "referrer-policy", "strict-origin-when-cross-origin"},
    {"Permissions-Policy", "permissions-policy", few_features},
    {"Cross-Origin-Resource-Policy", "cross-origin-resource-policy", "cross-origin"},
    {"X-Powered-By", "x-powered-by", ""},
};

#undef GATEHOUSE_DASHBOARD_POLICY

}  // namespace

std::optional<Preset> parse_preset(std::string_view word) noexcept
{
    constexpr std::pair<std::string_view, Preset> names[] = {{"off", Preset::off},
                                                             {"strict", Preset::strict},
                                                             {"dashboard", Preset::dashboard},
                                                             {"embed", Preset::embed}};
    for (const auto& [name, preset] : names) {
        if (word == name) {
            return preset;
        }
    }
    return std::nullopt;
}

std::span<const PresetField> fields_of(Preset preset) noexcept
{
    switch (preset) {
    case Preset::strict: return strict;
    case Preset::dashboard: return dashboard;
    case Preset::embed: return embed;
    case Preset::off: break;
    }
    return {};
}

}  // namespace gatehouse::headers_feature
