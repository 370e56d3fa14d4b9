# ctl/: gatehousectl.
file(GLOB_RECURSE CTL_ALL CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/ctl/*.cpp)
list(FILTER CTL_ALL EXCLUDE REGEX "_test\\.cpp$")

if(NOT CTL_ALL OR NOT GATEHOUSE_SIDECAR)
    return()
endif()

add_executable(gatehousectl ${CTL_ALL})
target_link_libraries(gatehousectl PRIVATE gatehouse_core gatehouse_boost CLI11::CLI11 CURL::libcurl)
