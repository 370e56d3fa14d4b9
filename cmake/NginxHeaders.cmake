# The headers of the nginx the module is built for, as the target gatehouse_nginx_headers.
#
# By default that is Debian's nginx-dev. For another nginx:
#   -DNGINX_SRC=/path/to/nginx-1.28.0 -DNGINX_CONF_FLAGS="--with-compat --with-threads …"
# with the flags `nginx -V` prints. The file `config` passes -DNGINX_OBJS instead, because nginx's
# configure has already made the one generated header there.
set(NGINX_SRC /usr/share/nginx/src CACHE PATH "nginx source tree")
set(NGINX_CONF_FLAGS "" CACHE STRING "nginx configure flags; empty: NGINX_SRC/conf_flags")
set(NGINX_OBJS "" CACHE PATH "folder with ngx_auto_config.h; empty: configure a copy of NGINX_SRC")

if(NOT EXISTS ${NGINX_SRC}/src/core/nginx.h)
    message(FATAL_ERROR "No nginx sources in ${NGINX_SRC}: apt-get install nginx-dev, or -DNGINX_SRC=…")
endif()

file(STRINGS ${NGINX_SRC}/src/core/nginx.h version_line REGEX "define NGINX_VERSION")
string(REGEX REPLACE ".*\"(.*)\".*" "\\1" NGINX_VERSION "${version_line}")

if(NOT NGINX_OBJS)
    # nginx compares a signature of its build options with the module's, and refuses to load on a
    # difference. --with-compat alone is not enough: options such as --with-http_realip_module or
    # --with-threads show up in it all the same. So configure with exactly the installed nginx's flags.
    string(SHA256 flags_hash "${NGINX_SRC};${NGINX_CONF_FLAGS}")
    string(SUBSTRING ${flags_hash} 0 8 flags_hash)
    set(nginx_tree ${CMAKE_BINARY_DIR}/nginx/${NGINX_VERSION}-${flags_hash})
    set(objs ${nginx_tree}/objs)
    if(NOT EXISTS ${objs}/ngx_auto_config.h)
        message(STATUS "Configuring nginx ${NGINX_VERSION} for its headers")
        execute_process(
            COMMAND ${CMAKE_SOURCE_DIR}/scripts/nginx-headers.sh ${NGINX_SRC} ${nginx_tree} "${NGINX_CONF_FLAGS}"
            RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
        if(failed)
            message(FATAL_ERROR "nginx's configure failed:\n${output}")
        endif()
    endif()
else()
    set(objs ${NGINX_OBJS})
endif()
message(STATUS "nginx ${NGINX_VERSION}: ${NGINX_SRC}")

add_library(gatehouse_nginx_headers INTERFACE)
target_include_directories(gatehouse_nginx_headers SYSTEM INTERFACE
    ${NGINX_SRC}/src/core ${NGINX_SRC}/src/event ${NGINX_SRC}/src/event/modules
    ${NGINX_SRC}/src/event/quic ${NGINX_SRC}/src/os/unix ${NGINX_SRC}/src/http
    ${NGINX_SRC}/src/http/modules ${NGINX_SRC}/src/http/v2 ${NGINX_SRC}/src/http/v3 ${objs})
target_compile_definitions(gatehouse_nginx_headers INTERFACE NGINX_TARGET_VERSION="${NGINX_VERSION}")
