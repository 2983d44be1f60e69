#!/usr/bin/env bash
# Guess: PUT into a folder that does not exist is answered with 409 (RFC 4918), so that a client creates
# the folder and repeats the upload; 5xx means that the server is busy or broken, to be asked later.
# Found: nginx's dav module answers 500, each time, and takes the whole body first. Clients that wait
# and repeat never get further: the folder has to be created before the upload.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 nginx=1.22.1-9+deb12u11
for package in ./*.deb; do dpkg-deb --extract "$package" root; done
mkdir share
cat >nginx.conf <<CONF
daemon off; error_log stderr; pid $folder/own.pid; events {}
http { access_log off;
$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done)
server { listen 127.0.0.1:18478; root $folder/share; dav_methods PUT DELETE MKCOL COPY MOVE; } }
$([[ $EUID != 0 ]] || echo 'user root;')
CONF
root/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" 2>nginx.log &
echo $! >nginx.pid
root/usr/sbin/nginx -v

ask() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
wait_for() { for _ in {1..200}; do ask "$1/" >up.status && return; sleep 0.1; done; }

share=http://127.0.0.1:18478
put() { ask -X PUT --data 'a stack' "$share/night/stack.fits"; }
wait_for "$share"
first=$(put)
again=$(put)
made=$(ask -X MKCOL "$share/night/")
after=$(put)
echo "PUT into the missing folder $first, again $again, MKCOL $made, PUT $after"
[[ $first == 500 && $again == 500 && $made == 201 && $after == 201 ]]
