#!/bin/bash
# Starts nginx, which cannot read PORT itself, with all that it writes in a new directory below /tmp.
set -eu
dir=$(mktemp -d /tmp/nginx.XXXXXX)
conf=$(</opt/static/nginx.conf)
port='${PORT}'
# Where the kernel has no IPv6, nobody can listen there.
if [ ! -e /proc/net/if_inet6 ]; then conf=${conf//'listen [::]:${PORT};'/}; fi
printf '%s\n' "${conf//"$port"/"${PORT:-8080}"}" > "$dir/nginx.conf"
# The log goes through a pipe of its own: nobody may be allowed to open standard output by its name.
exec 3> >(exec cat)
exec nginx -p "$dir/" -c "$dir/nginx.conf" -e stderr -g 'daemon off;'
