#!/usr/bin/env bash
# Install the worker of this checkout as a systemd service (Debian, Ubuntu, Fedora).
#
#   sudo ./setup-service.sh              install or update, and start
#   ./setup-service.sh --print           print the unit without changing anything
#   sudo ./setup-service.sh --uninstall  stop and remove the service; settings and data stay
#
# Options: --user NAME  account that runs the worker (default crowdsky; created if missing)
#          --name NAME  name of the service (default crowdsky-worker; one per checkout)
#
# The service reads the settings in .env beside this script. It can write to WORK_DIR and nowhere
# else; the script creates it if it is missing, and refuses one that belongs to another account.
# Running the script again is safe: it updates the unit and restarts the worker.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
ACTION=install
SERVICE_USER=crowdsky
NAME=crowdsky-worker

report() { printf 'setup-service: %s\n' "$*" >&2; }
die() { report "$*"; exit 1; }

usage() { sed -n '2,/^set -euo/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

parse_arguments() {
    while (($#)); do
        case $1 in
            --print) ACTION=print ;;
            --uninstall) ACTION=uninstall ;;
            --user) SERVICE_USER=${2:?--user needs a name}; shift ;;
            --name) NAME=${2:?--name needs a name}; shift ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; die "there is no option '$1'" ;;
        esac
        shift
    done
    [[ $SERVICE_USER =~ ^[a-z_][a-z0-9_-]{0,30}$ ]] || die "'$SERVICE_USER' is not an account name"
    [[ $NAME =~ ^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$ ]] || die "'$NAME' is not a service name"
    UNIT=/etc/systemd/system/$NAME.service
}

# Ask the worker's own reader what .env says, so that no line means two things. Sets WORK_DIR as it is
# written, GRACE in seconds, and READ_PATHS, what the service reads outside of the checkout. Before
# the packages are installed nobody can be asked, and these are the defaults.
read_settings() {
    local answer=()
    WORK_DIR=./tmp GRACE=30 READ_PATHS=()
    if [[ -x $HERE/.venv/bin/python ]]; then
        mapfile -d '' -t answer < <(cd "$HERE" && env -i PATH="$PATH" HOME=/nonexistent \
            PYTHONPATH="$HERE" \
            "$HERE/.venv/bin/python" -c "$ASK" 2>/dev/null)
    fi
    if ((${#answer[@]} >= 2)); then
        WORK_DIR=${answer[0]} GRACE=${answer[1]} READ_PATHS=("${answer[@]:2}")
    elif [[ -e $HERE/.env ]]; then
        report "the packages are not installed yet: $HERE/.env is not read, these are the defaults"
    fi
    refuse_odd_path "$HERE"
    refuse_odd_path "$WORK_DIR"
}

# Wrong settings are not reported here: check_settings does that as the service's account.
ASK='
import sys
from pathlib import Path
from crowdsky.base.settings_reader import SettingsReader
from worker.config import Machine, every_setting, read_settings
reader = SettingsReader(every_setting(), {}, Path(".env"))
settings = read_settings(reader, Machine.here())
recipe = settings.recipe
paths = [recipe.index_dir, recipe.catalogue_dir, recipe.catalogue_file, recipe.cache_dir]
facts = [reader.value("WORK_DIR"), int(settings.shutdown_grace)]
facts += [path for path in paths if path is not None]
sys.stdout.write("".join(f"{fact}\0" for fact in facts))
'

# A unit file has one line per value, and a backslash at its end continues it.
refuse_odd_path() {
    case $1 in
        "~"*) die "the service has no home folder: write '$1' in full" ;;
        *[[:cntrl:]]* | *\\ | *[[:space:]]) die "systemd cannot take the path '$1';" \
            "use one without control characters that ends in a letter" ;;
    esac
}

# Print the only folder that the service can write to. The default of .env.example, a folder in the
# checkout, is for trying things out; a service keeps its data where services do.
work_dir() {
    case $WORK_DIR in
        ./tmp | tmp) printf '/var/lib/%s' "$NAME" ;;
        /*) printf '%s' "$WORK_DIR" ;;
        *) printf '%s/%s' "$HERE" "${WORK_DIR#./}" ;;
    esac
}

# Print the time in seconds that the daemon gets to hand its jobs back (SHUTDOWN_GRACE and a minute)
# before systemd kills it.
stop_seconds() {
    printf '%d' $((GRACE + 60))
}

# Escape percent signs, which start a specifier in a unit file.
literal() { printf '%s' "${1//%/%%}"; }

quoted() {
    local text
    text=$(literal "$1")
    text=${text//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

# Home folders are hidden from the service, unless it needs something in one.
protect_home() {
    local path
    for path in "$HERE" "$(work_dir)" "${READ_PATHS[@]}"; do
        case $path/ in
            /home/* | /root/* | /run/user/*) printf 'read-only'; return ;;
        esac
    done
    printf 'yes'
}

unit() {
    local work
    work=$(work_dir)
    cat <<UNIT
# Written by setup-service.sh; run it again instead of editing this file.
[Unit]
Description=CrowdSky worker: stacks raw frames from the queue
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=$SERVICE_USER
Group=$SERVICE_USER
WorkingDirectory=$(literal "$HERE")
ExecStart=$(quoted "$HERE/.venv/bin/python") -m worker
Environment=PYTHONUNBUFFERED=1
Environment=$(quoted "WORK_DIR=$work")
# Caches go to the only writable folder.
Environment=$(quoted "HOME=$work")
Environment=$(quoted "XDG_CACHE_HOME=$work/.cache")

# A wrong setting (78) does not go away by restarting.
Restart=on-failure
RestartSec=30
RestartPreventExitStatus=78

# Only the daemon gets SIGTERM: it ends its children and hands its jobs back to the queue.
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=$(stop_seconds)

# A job that uses too much memory must fail alone, without ending the daemon.
MemoryMax=90%
OOMPolicy=continue
Nice=10
LimitNOFILE=4096
UMask=0077

NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=$(protect_home)
PrivateTmp=yes
PrivateDevices=yes
ReadWritePaths=$(quoted "$work")
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
UNIT
}

require_root_and_systemd() {
    [[ $(id -u) == 0 ]] || die "this needs root: sudo $0"
    [[ -d /run/systemd/system ]] || die "systemd does not run on this machine"
}

ensure_settings() {
    if [[ ! -e $HERE/.env ]]; then
        install -m 0640 "$HERE/.env.example" "$HERE/.env"
        chown --reference="$HERE" "$HERE/.env"
        die "created $HERE/.env: fill in API_BASE_URL and WORKER_API_KEY, then run this again"
    fi
}

# Refuse a WORK_DIR that is there and belongs to another account, such as /tmp or a mount point.
# Nothing of it is changed; what is ours stays as it is, too.
refuse_foreign_work_dir() {
    local work owner
    work=$(work_dir)
    [[ -e $work || -L $work ]] || return 0
    [[ -d $work ]] || die "WORK_DIR=$work is not a folder; name another one in $HERE/.env"
    owner=$(stat --dereference --format=%U -- "$work")
    [[ $owner == "$SERVICE_USER" ]] && return 0
    die "WORK_DIR=$work belongs to $owner, not to $SERVICE_USER, and is left as it is." \
        "Name a folder that does not exist yet, such as ${work%/}/$NAME, in $HERE/.env; or, if" \
        "nobody else uses this one: chown $SERVICE_USER: '$work'"
}

# Create WORK_DIR if it is missing, for the service alone.
ensure_work_dir() {
    local work
    work=$(work_dir)
    refuse_foreign_work_dir
    if [[ ! -d $work ]]; then
        (umask 022 && mkdir -p -- "$(dirname -- "$work")")
        mkdir -m 0750 -- "$work"
        # If somebody puts a link in its place, only the link changes hands.
        chown --no-dereference "$SERVICE_USER:$SERVICE_USER" -- "$work"
    fi
}

ensure_account() {
    refuse_foreign_work_dir
    if ! getent passwd "$SERVICE_USER" >/dev/null; then
        report "creating the system account $SERVICE_USER"
        useradd --system --user-group --no-create-home --home-dir "$(work_dir)" \
            --shell /usr/sbin/nologin "$SERVICE_USER"
    fi
    ensure_work_dir
    # Only the owner of the checkout and the service can read the key in .env.
    chgrp "$SERVICE_USER" "$HERE/.env"
    chmod 0640 "$HERE/.env"
}

install_packages() {
    "$HERE/dev" install
    # Run as root, `dev` creates files of root; the checkout's owner must be able to use it, too.
    local created=("$HERE/.venv" "$HERE/.crowdsky" "$HERE/build" "$HERE/crowdsky/_compiled")
    chown -R --reference="$HERE" "${created[@]}"
    chown --reference="$HERE" "$HERE/uv.lock"
    if command -v restorecon >/dev/null; then restorecon -R "${created[@]}"; fi
}

# Load the settings as the service will: same account, same folder.
check_settings() {
    local problem
    if ! problem=$(cd "$HERE" && runuser -u "$SERVICE_USER" -- env -i PATH="$PATH" \
        WORK_DIR="$(work_dir)" HOME="$(work_dir)" "$HERE/.venv/bin/python" -c \
        'import worker.config; worker.config.load_settings()' 2>&1); then
        report "$(tail -n 5 <<<"$problem")"
        case $problem in
            *ConfigurationError*) die "correct $HERE/.env and run this again" ;;
        esac
        die "the account $SERVICE_USER cannot run the worker from $HERE; use a checkout that" \
            "everybody can read, such as /opt/crowdsky"
    fi
}

start_service() {
    unit >"$UNIT.new"
    mv "$UNIT.new" "$UNIT"
    systemctl daemon-reload
    systemctl enable --quiet "$NAME.service"
    report "starting $NAME; a running worker hands its jobs back first"
    systemctl restart "$NAME.service"
    sleep 3
    systemctl is-active --quiet "$NAME.service" || {
        journalctl --unit "$NAME.service" --lines 20 --no-pager >&2
        die "the service does not keep running; the end of its log is above"
    }
    report "$NAME is running; follow its log with: journalctl --unit $NAME --follow"
}

uninstall() {
    require_root_and_systemd
    if [[ ! -e $UNIT ]]; then
        report "there is no service $NAME; nothing to do"
        return
    fi
    report "stopping $NAME; it hands its jobs back first"
    systemctl disable --now --quiet "$NAME.service"
    rm -f "$UNIT"
    systemctl daemon-reload
    report "removed; $HERE/.env, $(work_dir) and the account $SERVICE_USER stay"
}

parse_arguments "$@"
read_settings
case $ACTION in
    print) unit ;;
    uninstall) uninstall ;;
    install)
        require_root_and_systemd
        ensure_settings
        refuse_foreign_work_dir
        install_packages
        read_settings
        ensure_account
        check_settings
        start_service
        ;;
esac
