// Places C++ objects in an nginx pool. nginx owns the pool; ~T runs before it goes.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatehouse::glue {

class Pool {
public:
    explicit Pool(ngx_pool_t* pool) noexcept : pool_(pool) {}

    template <class T, class... Args>
    T& make(Args&&... args)
    {
        static_assert(alignof(T) <= NGX_ALIGNMENT);
        auto* cleanup = ngx_pool_cleanup_add(pool_, sizeof(T));
        if (cleanup == nullptr) {
            throw std::bad_alloc{};
        }
        auto* object = new (cleanup->data) T{std::forward<Args>(args)...};
        // Set last: nginx skips a cleanup without a handler, so a constructor may throw.
        cleanup->handler = destroy<T>;
        return *object;
    }

    /// So many bytes, of any content.
    char* allocate(std::size_t size)
    {
        auto* bytes = static_cast<char*>(ngx_pnalloc(pool_, size));
        if (bytes == nullptr) {
            throw std::bad_alloc{};
        }
        return bytes;
    }

    /// Room for so many values; nothing will destroy them.
    template <class T>
    std::span<T> make_array(std::size_t count)
    {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= NGX_ALIGNMENT);
        auto* first = static_cast<T*>(ngx_palloc(pool_, count * sizeof(T)));
        if (first == nullptr) {
            throw std::bad_alloc{};
        }
        std::uninitialized_value_construct_n(first, count);
        return {first, count};
    }

    /// The latest T made in this pool, or nullptr. Linear in the cleanups of the pool.
    template <class T>
    T* find() const noexcept
    {
        for (auto* cleanup = pool_->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
            if (cleanup->handler == destroy<T>) {
                return static_cast<T*>(cleanup->data);
            }
        }
        return nullptr;
    }

    /// A copy of the bytes that lives as long as the pool.
    std::string_view copy(std::string_view text)
    {
        char* const bytes = allocate(text.size());
        std::memcpy(bytes, text.data(), text.size());
        return {bytes, text.size()};
    }

private:
    template <class T>
    static void destroy(void* data) noexcept
    {
        static_cast<T*>(data)->~T();
    }

    ngx_pool_t* pool_;
};

}  // namespace gatehouse::glue
