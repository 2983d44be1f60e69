#!/usr/bin/env bash
# Guess: a WebDAV MOVE that is sent again because its answer was lost is answered with 404, since the
# source is gone; a client can tell "already moved" from "the name is taken" (412) by the status.
# Found: nginx's dav module, `rclone serve webdav` and sabre/dav look at the target first and answer
# 412, as for a name that another file has taken; rclone answers 403 if source and target are both
# absent. Only looking for the source tells the cases apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(cat "$folder"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 nginx=1.22.1-9+deb12u11 rclone=1.60.1+dfsg-2+b5 \
    php-sabre-dav=1.8.12-10 php-sabre-vobject=2.1.7-6.1
for package in ./*.deb; do dpkg-deb --extract "$package" root; done
mkdir share-nginx share-rclone share-sabre
cat >nginx.conf <<CONF
daemon off; error_log stderr; pid $folder/own.pid; events {}
http { access_log off;
$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done)
server { listen 127.0.0.1:18473; root $folder/share-nginx; dav_methods PUT DELETE MKCOL COPY MOVE; } }
$([[ $EUID != 0 ]] || echo 'user root;')
CONF
cat >share.php <<PHP
<?php
spl_autoload_register(static function (string \$class): void {
    \$file = '$folder/root/usr/share/php/' . strtr(\$class, '\\\\', '/') . '.php';
    if (is_file(\$file)) {
        require \$file;
    }
});
require '$folder/root/usr/share/php/Sabre/HTTP/functions.php';
\$server = new Sabre\\DAV\\Server(new Sabre\\DAV\\FS\\Directory('$folder/share-sabre'));
\$server->setBaseUri('/');
\$server->exec();
PHP
[[ -f root/usr/share/php/Sabre/HTTP/functions.php ]] || sed -i '/functions.php/d' share.php
root/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" 2>nginx.log &
echo $! >nginx.pid
root/usr/bin/rclone serve webdav --config '' --addr 127.0.0.1:18474 share-rclone 2>rclone.log &
echo $! >rclone.pid
php -d error_reporting=0 -S 127.0.0.1:18475 share.php 2>php.log &
echo $! >php.pid
root/usr/sbin/nginx -v
root/usr/bin/rclone version | head -n 1
echo "sabre/dav $(sed -n "s/.*const VERSION = '\(.*\)';/\1/p" root/usr/share/php/Sabre/DAV/Version.php)"

ask() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
wait_for() { for _ in {1..200}; do ask "$1/" >up.status && return; sleep 0.1; done; }

changed=0
for make in nginx:18473:404 rclone:18474:403 sabre:18475:404; do
    IFS=: read -r name port absent <<<"$make"
    share=http://127.0.0.1:$port
    wait_for "$share"
    move() { ask -X MOVE -H "Destination: $share/$2" -H 'Overwrite: F' "$share/$1"; }
    ask -X PUT --data 'a stack' "$share/run.fits" >put.status
    first=$(move run.fits final.fits)
    again=$(move run.fits final.fits)
    free=$(move run.fits other.fits)
    echo "$name: MOVE $first, the same again $again, from the missing name to a free one $free"
    [[ $first == 20[14] && $again == 412 && $free == "$absent" ]] || changed=1
done
exit $changed
