#!/bin/bash
# Configures a copy of an nginx source tree, which makes ngx_auto_config.h.
# Usage: nginx-headers.sh SOURCE DESTINATION [FLAGS]
#   FLAGS as `nginx -V` prints them; without them SOURCE/conf_flags is read (Debian's nginx-dev).
set -euo pipefail

source_tree=$1
destination=$2
flags=${3:-}

if [[ -n $flags ]]; then
    eval "NGX_CONF_FLAGS=($flags)"  # values may be quoted, as in --with-cc-opt='-O2 -g'
elif [[ -r $source_tree/conf_flags ]]; then
    # shellcheck disable=SC1091
    . "$source_tree/conf_flags"
else
    echo "$source_tree has no conf_flags: pass the flags that 'nginx -V' prints (NGINX_CONF_FLAGS)" >&2
    exit 1
fi

# Made beside and renamed, so that an interrupted run leaves nothing that looks complete.
partial=$destination.partial
rm -rf "$partial" "$destination"
mkdir -p "$partial"
cp -r "$source_tree/." "$partial/"
cd "$partial"
if [[ ! -x configure && -x auto/configure ]]; then
    ln -s auto/configure configure  # a checkout of the repository rather than a release
fi
./configure "${NGX_CONF_FLAGS[@]}" --builddir=objs
mv "$partial" "$destination"
