// A value or an error. Errors are values: nothing in src/ throws across its own boundary.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace gatehouse {

/// What went wrong, as one sentence for a person: what, where, why.
struct Error {
    std::string message;
};

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }

    /// REQUIRES: *this holds a value.
    T& operator*() noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const noexcept { return *std::get_if<0>(&state_); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// REQUIRES: *this holds an error.
    const Error& error() const noexcept { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Error> state_;
};

/// The result of an operation that yields nothing but success or an error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    explicit operator bool() const noexcept { return !failed_; }

    /// REQUIRES: *this holds an error.
    const Error& error() const noexcept { return error_; }

private:
    Error error_;
    bool failed_ = false;
};

}  // namespace gatehouse
