#!/usr/bin/env bash
# Guess: a WebDAV share works behind a proxy that ends TLS as soon as Host is passed on; MOVE needs the
# full address of the target, as RFC 4918 says.
# Found: nginx's dav module answers 400 and WsgiDAV 502 to a Destination with `https:`, because they are
# reached by http themselves. Both take the path alone as Destination, which RFC 4918 allows too.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 nginx=1.22.1-9+deb12u11
for package in ./*.deb; do dpkg-deb --extract "$package" root; done
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check WsgiDAV==4.4.0 cheroot==11.1.2
mkdir share-nginx share-wsgidav
cat >nginx.conf <<CONF
daemon off; error_log stderr; pid $folder/own.pid; events {}
http { access_log off;
$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done)
server { listen 127.0.0.1:18476; root $folder/share-nginx; dav_methods PUT DELETE MKCOL COPY MOVE; } }
$([[ $EUID != 0 ]] || echo 'user root;')
CONF
root/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" 2>nginx.log &
echo $! >nginx.pid
venv/bin/wsgidav --no-config --host 127.0.0.1 --port 18477 --root share-wsgidav --auth anonymous --quiet 2>wsgidav.log &
echo $! >wsgidav.pid
root/usr/sbin/nginx -v
venv/bin/python -c 'from importlib.metadata import version; print("WsgiDAV", version("WsgiDAV"))'

ask() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
wait_for() { for _ in {1..200}; do ask "$1/" >up.status && return; sleep 0.1; done; }

changed=0
for make in nginx:18476:400 wsgidav:18477:502; do
    IFS=: read -r name port expected <<<"$make"
    share=http://127.0.0.1:$port
    wait_for "$share"
    ask -X PUT --data 'a stack' "$share/run.fits" >put.status
    https=$(ask -X MOVE -H "Destination: https://127.0.0.1:$port/final.fits" -H 'Overwrite: F' "$share/run.fits")
    path=$(ask -X MOVE -H 'Destination: /final.fits' -H 'Overwrite: F' "$share/run.fits")
    echo "$name: MOVE with https: in Destination $https, with the path alone $path"
    [[ $https == "$expected" && $path == 20[14] ]] || changed=1
done
exit $changed
