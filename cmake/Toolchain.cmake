# Compiler settings shared by every target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The product lies directly in build/<preset>/, where scripts, tests and documents look for it.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR} CACHE PATH "Where the module is put")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")

set(GATEHOUSE_SANITIZE "" CACHE STRING "Sanitizers: empty, address,undefined or thread; the preset fuzz has its own")
if(GATEHOUSE_SANITIZE)
    # The sanitizer's runtime is linked dynamically: nginx, which is not instrumented, loads the
    # module with that runtime preloaded.
    add_compile_options(-fsanitize=${GATEHOUSE_SANITIZE} -fno-omit-frame-pointer -O1)
    add_link_options(-fsanitize=${GATEHOUSE_SANITIZE})
    # What the sanitizer puts in between makes g++ 12 see uninitialized members in <regex>.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(GATEHOUSE_SANITIZE MATCHES thread)
        # ThreadSanitizer knows no fences. Asio's order nothing that its queue's mutex does not.
        add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

option(GATEHOUSE_WERROR "Warnings are errors" ON)
option(GATEHOUSE_TESTS "Build the unit tests" ON)
option(GATEHOUSE_FUZZ "Build the fuzzers alone, by clang; use the preset fuzz" OFF)
option(GATEHOUSE_SIDECAR "Build gatehoused and gatehousectl beside the module" ON)

# What every own target compiles with; foreign headers come in as SYSTEM and stay silent.
add_library(gatehouse_options INTERFACE)
target_compile_options(gatehouse_options INTERFACE -Wall -Wextra $<$<BOOL:${GATEHOUSE_WERROR}>:-Werror>)
target_include_directories(gatehouse_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(gatehouse_options INTERFACE GATEHOUSE_VERSION="${PROJECT_VERSION}")
