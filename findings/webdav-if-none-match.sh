#!/usr/bin/env bash
# Guess: PUT with `If-None-Match: *` on a WebDAV share is the safe way to create a file, since RFC 9110
# has a server refuse it with 412 if something has that name.
# Found: nginx's dav module (204) and `rclone serve webdav` (201) ignore the header and overwrite the
# file. Whoever must not overwrite uploads under a name of their own and gives the final name by MOVE
# with `Overwrite: F`, which both refuse for a taken name.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 nginx=1.22.1-9+deb12u11 rclone=1.60.1+dfsg-2+b5
for package in ./*.deb; do dpkg-deb --extract "$package" root; done
mkdir share-nginx share-rclone
cat >nginx.conf <<CONF
daemon off; error_log stderr; pid $folder/own.pid; events {}
http { access_log off;
$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done)
server { listen 127.0.0.1:18471; root $folder/share-nginx; dav_methods PUT DELETE MKCOL COPY MOVE; } }
$([[ $EUID != 0 ]] || echo 'user root;')
CONF
root/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" 2>nginx.log &
echo $! >nginx.pid
root/usr/bin/rclone serve webdav --config '' --addr 127.0.0.1:18472 share-rclone 2>rclone.log &
echo $! >rclone.pid
root/usr/sbin/nginx -v
root/usr/bin/rclone version | head -n 1

ask() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
wait_for() { for _ in {1..200}; do ask "$1/" >up.status && return; sleep 0.1; done; }

changed=0
for make in nginx:18471:204 rclone:18472:201; do
    IFS=: read -r name port expected <<<"$make"
    share=http://127.0.0.1:$port
    wait_for "$share"
    first=$(ask -X PUT --data 'first' "$share/stack.fits")
    second=$(ask -X PUT --data 'second' -H 'If-None-Match: *' "$share/stack.fits")
    content=$(cat "share-$name/stack.fits")
    ask -X PUT --data 'third' "$share/own.fits" >own.status
    moved=$(ask -X MOVE -H "Destination: $share/stack.fits" -H 'Overwrite: F' "$share/own.fits")
    echo "$name: PUT $first, PUT with If-None-Match $second, the file now holds '$content', MOVE to it $moved"
    [[ $second == "$expected" && $content == second && $moved == 412 ]] || changed=1
done
exit $changed
