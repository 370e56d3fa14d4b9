// sd_notify(3) without libsystemd: a datagram to $NOTIFY_SOCKET, when the service manager gave one.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gatehouse::sidecar::notify {

/// Sends lines such as "READY=1\nSTATUS=…". Does nothing without a service manager.
void send(std::string_view state);

/// Also what ends a reload. `status` is one line for people.
void ready(std::string_view status);
/// Type=notify-reload wants the monotonic time with it.
void reloading();
void stopping();

/// How often "WATCHDOG=1" is due: half of what the manager allows. Nothing when it watches no
/// process of ours.
std::optional<std::chrono::milliseconds> watchdog_interval();

}  // namespace gatehouse::sidecar::notify
