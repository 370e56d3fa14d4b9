# ngx_module/: one shared object that nginx loads, ngx_http_gatehouse_module.so.
gatehouse_sources(MODULE ngx_module)

if(NOT MODULE_SOURCES)
    return()
endif()

include(NginxHeaders)

add_library(ngx_http_gatehouse_module MODULE ${MODULE_SOURCES})
set_target_properties(ngx_http_gatehouse_module PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden)
target_link_libraries(ngx_http_gatehouse_module PRIVATE gatehouse_core gatehouse_nginx_headers)

# What nginx looks up by name is in modules.c and stays visible; the rest of the object does not mix
# with other modules. Without -fno-gnu-unique a static of an inline function would keep dlclose from
# unloading the module when a new configuration no longer loads it.
target_compile_options(ngx_http_gatehouse_module PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
target_link_options(ngx_http_gatehouse_module PRIVATE
    -Wl,--as-needed -Wl,--exclude-libs,ALL -Wl,-z,relro -Wl,-z,now)

# What knows no nginx has unit tests beside it.
gatehouse_unit_test(gatehouse_module_test
    SOURCES ${MODULE_TESTS} ${CMAKE_SOURCE_DIR}/ngx_module/link/receiver.cpp
    LIBRARIES gatehouse_core)
